import { LeavingStore } from "@gatepost/embedded";
import { afterEach, expect, it } from "vitest";
import { upsert } from "../../../contract/samples.ts";
import { type ClockedRuntime, clockedRuntime, rule } from "../bus/clocked-runtime.ts";

let deps: ClockedRuntime;
afterEach(() => deps.close());

it("a store that must be moved counts the undelivered entries of its rules", async () => {
  deps = await clockedRuntime();
  const hook = await deps.subscriber();
  await deps.setRules([rule("all", hook.url)]);
  await deps.announce("waits for its rule");
  const now = deps.runtime.ingest.clock();
  await deps.runtime.ingest.index.upsert(upsert("not announced", { isAwaited: true, now, expiresAt: now + 1000 }));
  await using leaving = new LeavingStore(deps.runtime.folder.path, { isAlone: false });
  expect(leaving.waiting).toBe(2);
});
