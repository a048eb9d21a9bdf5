import { readFileSync } from "node:fs";
import { join } from "node:path";
import { interpret, reportKinds } from "@gatepost/protocol";
import { changed, type Item } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import { MonotonicClock } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { upsertUpdate } from "../../../packages/aws/src/events/row.ts";
import { action, noon, report, upsert } from "../samples.ts";

const limit = 400 * 1024;
const sequence = new MonotonicClock(() => noon).next();

/** Bytes as DynamoDB counts them, numbers at their largest. */
function bytesOf(row: Item): number {
  return Object.entries(row).reduce((sum, [name, value]) => {
    const bytes = typeof value === "number" ? 21 : Buffer.byteLength(value);
    return sum + Buffer.byteLength(name) + bytes;
  }, 0);
}

describe("the row of an event", () => {
  it.each(["register-stranger", "printed"])(
    "takes two units to write, complete as the documents print it: history-nested %s",
    (name) => {
      const body = readFileSync(join(import.meta.dirname, `../../events/history-nested/${name}.json`), "utf8");
      const understood = interpret(JSON.parse(body), {
        box: "gate-1",
        route: "",
        receivedAt: noon,
        keepFeatures: false,
      });
      if (!("passing" in understood)) throw new Error("it is not understood as a passing");
      const { passing } = understood;
      expect(bytesOf(changed(upsertUpdate(upsert("a", passing), sequence), null))).toBeLessThan(2 * 1024);
    },
  );

  it("stays under 400 KB with the largest report of every kind and both actions", () => {
    const names = Array.from({ length: 8 }, (_, n) => [`member ${n}`, "x".repeat(8000)]);
    let row: Item | null = null;
    for (const kind of reportKinds) {
      const whole = report({ kind, extra: Object.fromEntries(names), person: { id: "Ω".repeat(4000) } });
      for (const wantAction of ["1001", "1002"] as const) {
        const enqueued = action("a", wantAction, { reason: "Ω".repeat(2048) });
        row = changed(
          upsertUpdate(upsert("a", { report: whole, box: "東".repeat(64), action: enqueued }), sequence),
          row,
        );
      }
    }
    expect(bytesOf(row ?? {})).toBeGreaterThan(5 * 72_000);
    expect(bytesOf(row ?? {})).toBeLessThan(limit);
  });
});
