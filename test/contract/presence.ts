import type { ApiPorts } from "@gatepost/api";
import { deviceKey } from "@gatepost/core/boxes";
import { PresenceDays, readerOf } from "@gatepost/core/presence";
import { hourMs, idOf, minuteMs } from "@gatepost/protocol";
import type { Ports } from "@gatepost/receive";
import { expect, it } from "vitest";
import { readPresence } from "../../packages/api/src/presence/presence.ts";
import { erasePerson } from "../support/erase-person.ts";
import { seeded, seedOfRun } from "../support/seeded.ts";
import { day, noon, report, upsert } from "./samples.ts";

/** A runtime whose clock the test sets. */
interface Counting {
  ingest: Pick<Ports, "index">;
  reads: Pick<
    ApiPorts,
    "passings" | "presence" | "boxes" | "sites" | "departures" | "schedules" | "rosters" | "eraser"
  >;
  /** Resolves once people are known whose passings are stored. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  rounds: number;
  /** Days for which passings are kept, at least. */
  keptDays: number;
}

/** Counts of who is inside that requests share, on any runtime. */
export function presenceContract(
  name: string,
  open: (clock: () => number) => Promise<Counting>,
  { rounds, keptDays }: Options,
): void {
  it(`${name}: a shared count of who is inside equals a new one after any changes`, async () => {
    let now = noon;
    const { ingest, reads, settle, close } = await open(() => now);
    const seed = seedOfRun("shared counts");
    const random = seeded(seed);
    const pick = (count: number) => Math.floor(random() * count);
    const fresh = { presence: new PresenceDays(readerOf(reads.passings)) };
    const pickOf = <One>(...among: readonly One[]) => among[pick(among.length)] as One;
    const times = new Map<number, { time: number; latest: number }>();
    // Some reports are late by days, and some clocks are ahead. All reports of one passing have about the same time.
    const timeOf = (n: number) => {
      const time = now - pick(pickOf(600, 9 * 24 * 60)) * minuteMs + pickOf(0, 0, 0, 0, day);
      const first = times.get(n) ?? { time, latest: now + day };
      times.set(n, first);
      return Math.min(first.time + (pick(120) - 60) * minuteMs, first.latest);
    };
    const pass = (n: number, box: string, id: string) => {
      const own = pickOf({}, {}, { direction: "in" as const }, { direction: "out" as const });
      const device = { id: `d${pick(4)}`, ip: "10.0.0.7", ...own };
      const time = timeOf(n);
      const person = {
        id,
        name: `P${pick(3)}`,
        type: pickOf("employee" as const, "vip" as const, "stranger" as const),
      };
      const facts = { kind: pickOf("realtime" as const, "history" as const), time, receivedAt: now, device, person };
      return ingest.index.upsert(
        upsert(`e${n}`, { box, report: report(facts), expiresAt: now + (keptDays + pick(9)) * day }),
      );
    };
    const set = (box: string) => {
      const direction = pickOf("in" as const, "out" as const, "both" as const, "ignore" as const, null);
      return reads.boxes.writer.set(box, { device: { key: deviceKey(box, `d${pick(3)}`), direction } });
    };
    const leave = (library: string, key: string) => {
      const made = { by: "key_1", madeAt: now, reason: "Seen" };
      return reads.departures.add({
        site: "default",
        library,
        boxes: [library],
        key,
        leftAt: now - pick(40) * hourMs,
        ...made,
      });
    };
    const change = async () => {
      const n = pick(300);
      const [box, person] = [`gate-${1 + (n % 2)}`, `${pick(9)}`];
      const changes = [
        () => erasePerson(reads.eraser, person, box),
        () => reads.eraser.eraseEvent(idOf("evt", [`e${n}`])),
        () => set(box),
        () => leave(box, person),
      ];
      await (changes[pick(30)] ?? (() => pass(n, box, person)))();
    };
    const shown = async (at: number, deps = {}) => {
      const {
        zone: _,
        inside,
        departed,
        ...sums
      } = await readPresence("default", at, { ...reads, clock: () => now, ...deps });
      const people = inside.map(({ person, ...one }) => ({ ...one, of: person.library, ...person.facts }));
      return { ...sums, people, departed: departed.map(({ person, departure }) => [departure.id, person.facts]) };
    };
    const enters = (id: string) => {
      const device = { id: "d1", ip: "10.0.0.7", direction: "in" as const };
      const facts = { time: now - minuteMs, receivedAt: now, device, person: { id, type: "employee" as const } };
      return ingest.index.upsert(
        upsert(`first-${id}`, { box: "gate-1", report: report(facts), expiresAt: now + keptDays * day }),
      );
    };
    let highest = 0;
    // People are inside from the beginning, so that few rounds have a person to count, too.
    await reads.boxes.writer.set("gate-1", { device: { key: deviceKey("gate-1", "d1"), direction: "in" } });
    await Promise.all(["1", "2", "3", "4", "5"].map(enters));
    for (let round = 0; round < rounds; round++) {
      if (round > 0) await Promise.all(Array.from({ length: 1 + pick(30) }, change));
      if (round % 20 === 10) await reads.sites.put("default", { sharesPeople: round % 40 === 10 });
      await settle();
      // The settings of devices are known for two seconds.
      now += 10_000 + pick(5) * hourMs;
      for (const at of [now, now - pick(40) * hourMs]) {
        const [shared, again] = await Promise.all([shown(at), shown(at)]);
        expect(shared, `round ${round} of seed ${seed}`).toEqual(await shown(at, fresh));
        expect(again, `again in round ${round} of seed ${seed}`).toEqual(shared);
        highest = Math.max(highest, shared.people.length);
      }
    }
    expect(highest).toBeGreaterThan(3);
    await close();
  });
}
