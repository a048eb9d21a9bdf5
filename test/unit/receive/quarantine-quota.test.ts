import { QuarantineQuota, RecordsOfBox, shapeKeyOf } from "@gatepost/core/quarantine";
import { describe, expect, it } from "vitest";

const warnings: unknown[] = [];
const log = {
  info: () => {},
  warn: (message: string, facts?: unknown) => void warnings.push([message, facts]),
  error: () => {},
};
const quota = new QuarantineQuota(log, { records: 6, bytes: 6000 });

describe("the quarantine quota of a box", () => {
  it.each([
    [{ records: 6, bytes: 6000 }, false],
    [{ records: 7, bytes: 0 }, true],
    [{ records: 1, bytes: 6001 }, true],
  ])("is exceeded by %j: %s", (size, isMore) => {
    expect(quota.isExceeded(size)).toBe(isMore);
  });

  it.each([
    [{ records: 3, bytes: 3000 }, 0],
    [{ records: 4, bytes: 0 }, 1],
    [{ records: 1, bytes: 3001 }, 1],
  ])("warns at %j this many times: %d", (size, times) => {
    warnings.length = 0;
    quota.watch("gate-1", size);
    expect(warnings).toEqual(
      Array.from({ length: times }, () => ["quarantine over half full", { box: "gate-1", ...size }]),
    );
  });

  const shape = (
    name: string,
    records: number,
    bytes: number,
    more: { isPassing?: boolean; others?: number } = {},
  ) => ({
    name,
    records,
    bytes,
    isPassing: false,
    others: records,
    ...more,
  });

  it.each([
    ["most records", { records: 7, bytes: 0 }, [shape("a", 2, 900), shape("b", 5, 10)], "b"],
    ["most bytes, if those are too many", { records: 6, bytes: 6001 }, [shape("a", 2, 900), shape("b", 5, 10)], "a"],
    ["the oldest record of equal ones", { records: 7, bytes: 0 }, [shape("a", 3, 1), shape("b", 3, 2)], "a"],
    ["no time and person", { records: 7, bytes: 0 }, [shape("a", 6, 1, { isPassing: true }), shape("b", 1, 1)], "b"],
    [
      "most, if all are passings",
      { records: 7, bytes: 0 },
      [1, 2].map((n) => shape(`${n}`, n, 1, { isPassing: true })),
      "2",
    ],
    ["more than the newest record", { records: 7, bytes: 0 }, [shape("a", 1, 1, { others: 0 }), shape("b", 1, 1)], "b"],
    [
      "nothing, if there is only the newest",
      { records: 1, bytes: 6001 },
      [shape("a", 1, 6001, { others: 0 })],
      undefined,
    ],
  ])("takes from the shape with %s", (_, size, shapes, name) => {
    expect(quota.givingShape(shapes, size)?.name).toBe(name);
  });

  it("takes one from the middle of a shape, and of two the newer", () => {
    const middle = (count: number) => {
      const listed = Array.from({ length: count }, (_, id) => ({
        id: `${id}`,
        shape: "a",
        isPassing: false,
        bytes: 1,
      }));
      return new RecordsOfBox(listed, "newest", quota).next({ records: 1001, bytes: 0 });
    };
    expect([1, 2, 3, 4, 1000].map((count) => middle(count)?.id)).toEqual(["0", "1", "1", "2", "500"]);
    expect([middle(1)?.heir, middle(2)?.heir, middle(0)]).toEqual([null, "0", null]);
  });

  it("takes records of one reason and path for alike if their shape is not known", () => {
    const record = { path: "/a", reason: "not-json" };
    const others = [{ path: "/b" }, { reason: "picture" }, { shape: { name: "s", isPassing: true } }];
    const keys = [record, { ...record }, ...others.map((other) => ({ ...record, ...other }))].map(shapeKeyOf);
    expect(new Set(keys).size).toBe(4);
    expect(keys[0]).toBe(keys[1]);
  });

  it("is 1000 records or 256 MB by default", () => {
    const usual = new QuarantineQuota(log);
    expect(usual.isExceeded({ records: 1000, bytes: 256 * 1024 * 1024 })).toBe(false);
    expect(usual.isExceeded({ records: 1001, bytes: 0 })).toBe(true);
    expect(usual.isExceeded({ records: 1, bytes: 256 * 1024 * 1024 + 1 })).toBe(true);
  });
});
