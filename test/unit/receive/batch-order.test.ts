import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";

/** Ports whose pictures become durable in the opposite order of their arrival, and whose first write is slow. */
function slowestFirst(): MemoryPorts {
  const deps = new MemoryPorts();
  const { upsert } = deps.index;
  let writes = 0;
  deps.index.upsert = async (entry) => {
    writes += 1;
    // A second write that did not wait for the first one would be done by then.
    if (writes === 1) for (let turn = 0; turn < 10; turn++) await nextTurn();
    return upsert(entry);
  };
  const { putAll } = deps.pictures;
  const arrived: (() => void)[] = [];
  deps.pictures.putAll = async (...passing) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    arrived.push(resolve);
    if (arrived.length === 2) for (const release of arrived.toReversed()) setImmediate(release);
    await promise;
    return putAll(...passing);
  };
  return deps;
}

it("believes the report that a batch lists first, whichever is stored sooner", async () => {
  const deps = slowestFirst();
  const token = deps.addKey();
  const face = { recognize_face: photo("a") };
  const body = [history({ score: 0.1 }, face), history({ score: 0.9 }, face)];
  await send(deps, { path: `/${token}/HistoryEvent`, body });
  expect(deps.events().map(({ score }) => score)).toEqual([0.1]);
});
