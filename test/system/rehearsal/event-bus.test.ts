import { beforeAll, describe, expect, it } from "vitest";
import { folderOf, type Graph, readGraph } from "../../../scripts/synth/graph.ts";
import { synth, synthTimeoutMs } from "../infra/stages.ts";
import { EventBus } from "./event-bus.ts";
import { recorded } from "./recorded.ts";

describe("the rehearsed bus", () => {
  let graph: Graph;
  beforeAll(async () => {
    await synth(["--stage", "test"]);
    graph = readGraph(folderOf("test"));
  }, synthTimeoutMs);

  /** The queues with messages after one announcement of 1002, by their names in the stacks. */
  const heldAfterUpdate = (deps: Graph) => {
    const bus = new EventBus(deps);
    const EventBusName = recorded(deps, "cloudwatch/eventRule:EventRule")[0]?.eventBusName ?? "";
    const DetailType = "Base Photo Update Requested";
    bus.put([{ EventBusName, Source: "gatepost", DetailType, Detail: '{"want_action":"1002"}' }]);
    const held = [...bus.queues].filter(([, envelopes]) => envelopes.length > 0);
    return { queues: held.map(([queue]) => queue.replace(/^.*-(\w+)Queue-\w+$/, "$1")), lost: bus.lost.length };
  };
  const without = (policy: string): Graph => ({
    ...graph,
    resources: graph.resources.filter(({ name }) => !policy.split(" ").includes(name)),
  });

  it("feeds the queue of the action", () => {
    expect(heldAfterUpdate(graph)).toEqual({ queues: ["UpdatePhoto"], lost: 0 });
  });

  it("sends an entry that a queue refuses to its dead-letter queue", () => {
    expect(heldAfterUpdate(without("UpdatePhotoPolicy"))).toEqual({ queues: ["UpdatePhotoUndelivered"], lost: 0 });
  });

  it("reports for each entry whether it was accepted, and delivers only those", () => {
    const bus = new EventBus(graph);
    const delivered = bus.install({ source: ["gatepost"] });
    const EventBusName = recorded(graph, "cloudwatch/eventRule:EventRule")[0]?.eventBusName ?? "";
    const entry = (Detail: string) => ({ EventBusName, Source: "gatepost", DetailType: "any", Detail });
    const takes = [false, true];
    bus.takes = () => takes.shift() ?? true;
    const { FailedEntryCount, Entries } = bus.put([entry('{"number":1}'), entry('{"number":2}')]);
    expect([FailedEntryCount, Entries.map((result) => "EventId" in result)]).toEqual([1, [false, true]]);
    expect(delivered.map(({ detail }) => detail["number"])).toEqual([2]);
  });

  it("loses an entry that both queues refuse, silently as EventBridge does", () => {
    expect(heldAfterUpdate(without("UpdatePhotoPolicy UpdatePhotoUndeliveredPolicy"))).toEqual({ queues: [], lost: 1 });
  });
});
