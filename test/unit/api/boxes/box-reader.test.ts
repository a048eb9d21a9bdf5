import { BoxReader, LocalHours } from "@gatepost/core/boxes";
import type { BoxStatusRecord } from "@gatepost/core/statuses";
import { describe, expect, it } from "vitest";
import { MemoryBoxes } from "../../../support/memory-boxes.ts";
import { noon } from "../support.ts";

const names = Array.from({ length: 2000 }, (_, n) => `gate-${String(n).padStart(4, "0")}`);

/** A reader of many boxes that have a key, and how many of them it reads at once. */
function readerOf(report: BoxStatusRecord["report"] = {}) {
  const asked: number[] = [];
  const status = {
    async of(boxes: readonly string[]): Promise<BoxStatusRecord[]> {
      asked.push(boxes.length);
      return boxes.map((box) => ({ box, kind: "status", receivedAt: noon, report }));
    },
  };
  const keyed = { all: async () => new Set(names), has: async () => true };
  const deps = { store: new MemoryBoxes(), keyed, status, rhythms: null, hours: new LocalHours("UTC") };
  return { asked, reader: new BoxReader({ ...deps, isCounted: false, clock: () => noon }) };
}

describe("a list of thousands of boxes", () => {
  it("a list reads a part of the boxes at a time", async () => {
    const { asked, reader } = readerOf();
    const { items, next } = await reader.list({ limit: 500, cursor: null });
    expect(items.map(({ id }) => id)).toEqual(names.slice(0, 500));
    expect([Math.max(...asked), next]).toEqual([50, "1 gate-0499"]);
    expect((await reader.list({ limit: 500, cursor: next })).items[0]?.id).toBe("gate-0500");
  });

  it("a list of names reads no box", async () => {
    const { asked, reader } = readerOf();
    expect(await reader.names()).toEqual(names);
    expect(await reader.names(["gate-0001", "gate-x"])).toEqual(["gate-0001"]);
    expect(asked).toEqual([]);
  });

  it("pages fit into an answer, and together contain every box", async () => {
    const devices = Array.from({ length: 200 }, (_, n) => ({ ep_id: `${n}`, ep_name: "n".repeat(200) }));
    const { reader } = readerOf({ sub_devices: devices });
    const found: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<BoxReader["list"]>> = await reader.list({ limit: 500, cursor });
      expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(5 * 1024 * 1024);
      expect(page.items.length).toBeLessThan(500);
      found.push(...page.items.map(({ id }) => id));
      cursor = found.length < 400 ? page.next : null;
    } while (cursor !== null);
    expect(found).toEqual(names.slice(0, found.length));
  });
});
