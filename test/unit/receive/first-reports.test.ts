import { sayingFirstReports } from "@gatepost/core/arrivals";
import { boxStatusKinds } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { upsert } from "../../contract/samples.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";

const status = (box: string, receivedAt: number) => ({ box, kind: boxStatusKinds[0], receivedAt, report: {} });

function saying() {
  const deps = new MemoryPorts();
  const stores = sayingFirstReports(deps, deps.log);
  return { deps, stores };
}

it("says the first report of each box once, and its kind", async () => {
  const { deps, stores } = saying();
  for (const box of ["gate-1", "gate-1", "gate-2"]) await stores.index.upsert(upsert(box, { box }));
  await stores.boxStatus.put(status("gate-1", deps.now));
  await stores.boxStatus.put(status("gate-3", deps.now));
  expect(deps.lines.map(({ level, message, facts }) => [level, message, facts])).toEqual([
    ["info", "first report", { box: "gate-1", kind: "history" }],
    ["info", "first report", { box: "gate-2", kind: "history" }],
    ["info", "first report", { box: "gate-3", kind: boxStatusKinds[0] }],
  ]);
});

it("says nothing of a report that was not stored", async () => {
  const { deps, stores } = saying();
  deps.failing.set("index", new Error("disk full"));
  await expect(stores.index.upsert(upsert("a"))).rejects.toThrow();
  expect(deps.lines).toEqual([]);
});

it("remembers ten thousand boxes", async () => {
  const { deps, stores } = saying();
  for (let n = 0; n <= 10_000; n++) await stores.boxStatus.put(status(`box ${n}`, deps.now));
  await stores.boxStatus.put(status("box 0", deps.now));
  expect(deps.lines).toHaveLength(10_002);
});
