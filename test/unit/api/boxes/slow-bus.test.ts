import { Boxes, LocalHours, newRecord, showBox } from "@gatepost/core/boxes";
import { beforeEach, describe, expect, it } from "vitest";
import { MemoryBoxes } from "../../../support/memory-boxes.ts";
import { minute, noon } from "./support.ts";

const second = 1000;
const hours = new LocalHours("UTC");

describe("a bus that takes a second for each entry", () => {
  let store: MemoryBoxes;
  let now: number;
  let put: string[];
  let boxes: Boxes;
  beforeEach(async () => {
    [store, now, put] = [new MemoryBoxes(), noon, []];
    boxes = new Boxes({
      store,
      hours,
      clock: () => now,
      bus: {
        put: async ({ detail }) => {
          now += second;
          return put.push("box" in detail ? `${detail.box.id} ${detail.device}` : "") > 0;
        },
      },
      show: async (shown) => showBox(shown, { hours, now, pauses: {}, notices: [], rhythm: null, isCounted: true }),
      log: { info: () => {}, warn: () => {}, error: () => {} },
    });
    await boxes.check(now);
  });
  const toAnnounce = async (box: string, devices: number) => {
    const announcements = Array.from({ length: devices }, (_, n) => {
      return { type: "silent" as const, device: `door-${n}`, since: noon, at: noon };
    });
    await store.put({ record: { ...newRecord(box), announcements }, rev: 0 });
  };

  it("many devices of a box are announced in several looks, each once", async () => {
    await toAnnounce("gate-1", 50);
    const began = now;
    await boxes.check(now);
    expect(now - began).toBeLessThanOrEqual(20 * second);
    expect((await store.get("gate-1"))?.record.announcements).toHaveLength(50 - put.length);
    for (let look = 0; look < 5; look++) {
      now += minute;
      await boxes.check(now);
    }
    expect(put).toEqual(Array.from({ length: 50 }, (_, n) => `gate-1 door-${n}`));
  });

  it("a look ends in time, and the remaining boxes are still due", async () => {
    for (let n = 0; n < 120; n++) await toAnnounce(`gate-${n}`, 1);
    await boxes.check(now, 20 * second);
    expect(put).toHaveLength(50);
    for (let look = 0; look < 2; look++) await boxes.check(now, 20 * second);
    expect(new Set(put).size).toBe(120);
    expect(put).toHaveLength(120);
  });
});
