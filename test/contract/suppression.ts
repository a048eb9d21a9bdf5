import { type Erasures, type EventEraser, type Suppression, suppressionMs } from "@gatepost/core/erasure";
import type { EventIndex, EventReader } from "@gatepost/core/events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { erasePerson } from "../support/erase-person.ts";
import { noon, report, upsert } from "./samples.ts";

export interface SuppressionUnderTest {
  index: EventIndex;
  events: EventReader;
  eraser: EventEraser;
  suppression: Suppression;
  setClock(now: number): void;
  /** Lets pass the time after which every process knows of an erasure. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** Surely before an erasure at noon, however far the clocks of processes and boxes differ. */
const before = noon - 10_000;

/** The promises of every store about erased events that may be sent again. */
export function suppressionContract(name: string, open: () => Promise<SuppressionUnderTest>): void {
  describe(`${name} keeps the promises of a suppression list:`, () => {
    let deps: SuppressionUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    const at = async (box: string): Promise<Erasures> => {
      using held = await deps.suppression.of(box);
      return held.erasures;
    };
    /** Whether a passing is on the list of a box. */
    const isOn = async (box: string, { person = "7", event = "a", time = before } = {}) =>
      (await at(box)).include(
        {
          eventId: upsert(event).eventId,
          twinId: "evt_twin",
          report: report({ person: { id: person, type: "vip" }, time, receivedAt: Math.max(time, noon) }),
        },
        { box, event: null },
      );
    const write = (event: string, { person = "7", box = "gate-1", time = noon } = {}) =>
      deps.index.upsert(upsert(event, { box, report: report({ person: { id: person, type: "vip" }, time }) }));

    it("is empty before any erasure", async () => {
      expect((await at("gate-1")).areNone).toBe(true);
    });

    it("has a person at the box of the erasure, even without events", async () => {
      await erasePerson(deps.eraser, "7", "gate-1");
      expect(await isOn("gate-1", { time: before })).toBe(true);
      expect(await isOn("gate-1", { time: noon + 1 })).toBe(false);
      expect(await isOn("gate-1", { person: "8" })).toBe(false);
      expect(await isOn("gate-2")).toBe(false);
    });

    it("has a person whose id has blanks or invisible characters at its ends", async () => {
      await erasePerson(deps.eraser, "7 ", "gate-1");
      expect(await isOn("gate-1")).toBe(true);
      expect(await isOn("gate-1", { person: "\u200b7\u0000" })).toBe(true);
      expect(await isOn("gate-1", { person: "07" })).toBe(false);
    });

    it("has a person who was erased at every box at every box", async () => {
      await erasePerson(deps.eraser, "7", null);
      expect([await isOn("gate-1"), await isOn("gate-99"), await isOn("gate-1", { person: "8" })]).toEqual([
        true,
        true,
        false,
      ]);
    });

    it.each([
      ["was never set", { time: 0 }],
      ["is ahead", { time: noon + 60_000 }],
      ["is right, just before it", { time: noon - 1 }],
    ])("has an event of an erased person if the clock of its box %s", async (_, { time }) => {
      await write("a", { time });
      await erasePerson(deps.eraser, "7", "gate-1");
      expect(await isOn("gate-1", { event: "a", time })).toBe(true);
      expect(await isOn("gate-1", { event: "b", time: time === 0 ? 0 : noon + 60_000 })).toBe(false);
    });

    it("has an erased event at any time of its repeat", async () => {
      await write("a", { time: 0 });
      await deps.eraser.eraseEvent(upsert("a").eventId);
      deps.setClock(noon + 60_000);
      for (const time of [0, noon, noon + 3_600_000]) expect(await isOn("gate-1", { event: "a", time })).toBe(true);
    });

    it("has an erased event at its box, and no other event of its person", async () => {
      await write("a");
      await deps.eraser.eraseEvent(upsert("a").eventId);
      expect(await isOn("gate-1", { event: "a" })).toBe(true);
      expect(await isOn("gate-1", { event: "b" })).toBe(false);
    });

    it("has nothing of an unknown event", async () => {
      await deps.eraser.eraseEvent(upsert("never").eventId);
      expect((await at("gate-1")).areNone).toBe(true);
    });

    it("counts a person who is erased twice from the last time", async () => {
      await erasePerson(deps.eraser, "7", "gate-1");
      deps.setClock(noon + 120_000);
      await erasePerson(deps.eraser, "7", "gate-1");
      expect(await isOn("gate-1", { time: noon + 110_000 })).toBe(true);
    });

    it("forgets after 400 days", async () => {
      await erasePerson(deps.eraser, "7", "gate-1");
      deps.setClock(noon + suppressionMs - 1);
      expect(await isOn("gate-1")).toBe(true);
      deps.setClock(noon + suppressionMs + 60_001);
      expect((await at("gate-1")).areNone).toBe(true);
    });

    it("has dozens of erasures", async () => {
      for (let n = 0; n < 40; n++) await erasePerson(deps.eraser, `person ${n}`, "gate-1");
      for (const n of [0, 31, 32, 39]) expect(await isOn("gate-1", { person: `person ${n}` })).toBe(true);
    });

    it("is known within a minute to a process that has read it before", async () => {
      await at("gate-1");
      await erasePerson(deps.eraser, "7", "gate-1");
      deps.setClock(noon + 60_000);
      expect(await isOn("gate-1")).toBe(true);
    });

    it("lets an erasure include reports that were compared with the list before it", async () => {
      const held = await deps.suppression.of("gate-1");
      const erased = erasePerson(deps.eraser, "7", "gate-1");
      await write("a");
      await write("later", { time: noon + 1 });
      await write("b", { person: "8" });
      held[Symbol.dispose]();
      await erased;
      await deps.finish();
      const { items } = await deps.events.list({ box: "gate-1" }, { limit: 10, cursor: null });
      expect(items.map(({ id }) => id)).not.toContain(upsert("a").eventId);
      expect(items.map(({ id }) => id)).toContain(upsert("b").eventId);
    });

    it("lets the erasure of an event include a repeat that was compared before it", async () => {
      await write("a");
      const held = await deps.suppression.of("gate-1");
      const erased = deps.eraser.eraseEvent(upsert("a").eventId);
      await write("a");
      held[Symbol.dispose]();
      await erased;
      await deps.finish();
      expect(await deps.events.get(upsert("a").eventId)).toBeNull();
    });
  });
}
