import { type CountsPorts, SharedCounts } from "@gatepost/core/statistics";
import { Zone } from "@gatepost/core/zones";
import { beforeEach, describe, expect, it } from "vitest";

const zone = Zone.find("UTC") as Zone;
const request = { boxes: null, zone, seen: null };

let now: number;
let asked: string[];
let failing: Error | null;
let ports: CountsPorts;

beforeEach(() => {
  now = Date.parse("2026-11-20T12:00:00Z");
  asked = [];
  failing = null;
  const note = async <Answer>(what: string, answer: Answer): Promise<Answer> => {
    asked.push(what);
    if (failing !== null) throw failing;
    return answer;
  };
  ports = {
    statistics: {
      totals: ({ from, to }) =>
        note(
          `totals ${(to - from) / 3_600_000}`,
          new Map([
            [from, 2],
            [from + 1, 3],
          ]),
        ),
      flagged: () => note("flagged", 4),
    },
    work: {
      actions: () => note("actions", { pending: 1, announced: 2, failed: 3 }),
      quarantined: ({ since }) => note(`quarantined ${since}`, since === null ? 7 : 1),
      deadLetters: ({ since }) => note(`dead ${since}`, since === null ? 2 : 1),
    },
    boxes: {
      names: () =>
        note("boxes", [
          { box: "a", isSilent: true },
          { box: "b", isSilent: false },
          { box: "c", isSilent: false },
        ]),
    },
    clock: () => now,
  };
});

describe("shared counts", () => {
  it("a late failure of an older request does not replace the newer counts", async () => {
    const hanging = Promise.withResolvers<number>();
    const { flagged } = ports.statistics;
    ports.statistics.flagged = () => hanging.promise;
    const counts = new SharedCounts(ports);
    const older = counts.read(request);
    ports.statistics.flagged = flagged;
    now += 6000;
    await counts.read(request);
    hanging.reject(new Error("too late"));
    await expect(older).rejects.toThrow("too late");
    asked = [];
    await counts.read(request);
    expect(asked).toEqual([]);
  });

  it("the counts have today's passings and open tasks", async () => {
    expect(await new SharedCounts(ports).read({ ...request, seen: 5 })).toEqual({
      today: 5,
      actions: { pending: 1, announced: 2, failed: 3 },
      boxes: { reporting: 2, silent: 1 },
      problems: { quarantine: 7, deadletters: 2, flagged: 4, sinceSeen: 2 },
    });
    expect(asked).toContain("totals 24");
  });

  it("the live feed gets a short form of the counts", async () => {
    const counts = new SharedCounts(ports);
    expect(await counts.live({ boxes: null, zone })).toEqual({ today: 5, actions: 6, silent: 1, problems: 9 });
    const elsewhere = new SharedCounts({
      ...ports,
      boxes: null,
      work: { ...ports.work, deadLetters: async () => null },
    });
    expect(await elsewhere.live({ boxes: null, zone })).toMatchObject({ silent: 0, problems: 7 });
    expect(await elsewhere.read(request)).toMatchObject({ boxes: null, problems: { deadletters: null, sinceSeen: 7 } });
  });

  it("counts are read once for twenty requests within 5 s", async () => {
    const counts = new SharedCounts(ports);
    await Promise.all(Array.from({ length: 20 }, () => counts.live({ boxes: null, zone })));
    now += 4999;
    await counts.live({ boxes: null, zone });
    expect(asked).toHaveLength(6);
    now += 1;
    await counts.live({ boxes: null, zone });
    expect(asked).toHaveLength(12);
    now -= 60_000;
    await counts.live({ boxes: null, zone });
    expect(asked).toHaveLength(18);
  });

  it("counts of other boxes or another zone are separate", async () => {
    const counts = new SharedCounts(ports);
    expect(await counts.live({ boxes: ["a"], zone })).toMatchObject({ silent: 1 });
    expect(await counts.read({ ...request, boxes: ["b"] })).toMatchObject({ boxes: { reporting: 1, silent: 0 } });
    await counts.live({ boxes: ["a"], zone: Zone.find("Asia/Shanghai") as Zone });
    expect(asked.filter((one) => one === "flagged")).toHaveLength(3);
  });

  it("failed counts are asked for again", async () => {
    const counts = new SharedCounts(ports);
    failing = new Error("no store");
    await expect(counts.live({ boxes: null, zone })).rejects.toThrow("no store");
    failing = null;
    await expect(counts.live({ boxes: null, zone })).resolves.toMatchObject({ today: 5 });
  });

  it("the memory of counts does not grow with different requests", async () => {
    const counts = new SharedCounts(ports);
    for (let n = 0; n < 300; n++) await counts.live({ boxes: [`${n}`], zone });
    asked.length = 0;
    await counts.live({ boxes: ["299"], zone });
    expect(asked).toEqual([]);
    await counts.live({ boxes: ["0"], zone });
    expect(asked).toHaveLength(6);
  });
});
