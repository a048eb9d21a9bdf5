import { relayOutbox } from "@gatepost/core/actions";
import type { JsonObject } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { photo } from "../../support/pictures.ts";
import { passRecord, stranger } from "../../support/reports.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const face = { recognize_face: photo("a") };
const unfit = { ...face, box_fiqa_info: { fiqa_result: false } };
const asking = (ext: JsonObject = face) => stranger({ want_action: "1001" }, ext);
/** The platform reports the same passing in a report of another kind. */
const strangerBy = (ext: JsonObject) => passRecord({ identity_id: "1772366400.25" }, { person_type: 4, ...ext });
const post = (body: JsonObject, route = "HistoryEvent") => send(deps, { path: `/${token}/${route}`, body });
const actionsOf = () => deps.events().map(({ actions }) => actions.map(({ state, reason }) => [state, reason]));

describe("the wish to register a stranger", () => {
  it("is withheld if its own report calls the face unfit", async () => {
    await post(asking(unfit));
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
    expect(deps.announced).toEqual([]);
  });

  it("is withheld if an earlier report called the face unfit", async () => {
    await post(strangerBy(unfit), "PassRecord");
    await post(asking());
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
    expect(deps.announced).toEqual([]);
  });

  it("is withheld if a report calls the face unfit before the announcement", async () => {
    deps.failing.set("bus", new Error("no bus"));
    await post(asking());
    expect(actionsOf()).toEqual([[["pending", null]]]);
    await post(strangerBy(unfit), "PassRecord");
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
    deps.failing.clear();
    deps.now += 60_000;
    await relayOutbox(deps);
    expect(deps.announced).toEqual([]);
  });

  it("is withheld by the relay of the outbox if this could not be recorded before", async () => {
    deps.failing.set("bus", new Error("no bus"));
    await post(asking());
    deps.failing.set("actions", new Error("no outbox"));
    await post(strangerBy(unfit), "PassRecord");
    expect(actionsOf()).toEqual([[["pending", null]]]);
    deps.failing.clear();
    deps.now += 60_000;
    await relayOutbox(deps);
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
    expect(deps.announced).toEqual([]);
  });

  it("is withheld if a repeat without other news called the face unfit before it", async () => {
    const fit = { ...face, box_fiqa_info: { fiqa_result: true } };
    await post(stranger({}, fit));
    await post(stranger({}, unfit));
    await post(asking(fit));
    expect(deps.events()[0]?.quality.registrable).toBe(true);
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
    expect(deps.announced).toEqual([]);
  });

  it("stays announced if a report calls the face unfit only afterwards", async () => {
    await post(asking());
    await post(strangerBy(unfit), "PassRecord");
    expect(actionsOf()).toEqual([[["announced", null]]]);
    expect(deps.announced).toHaveLength(1);
  });

  it("is withheld before its announcement if no report of the person has a known type", async () => {
    deps.failing.set("bus", new Error("no bus"));
    await post(asking({ ...face, person_type: "car" }));
    await post(strangerBy({ ...unfit, person_type: [4] }), "PassRecord");
    expect(actionsOf()).toEqual([[["pending", null]]]);
    deps.failing.clear();
    deps.now += 60_000;
    await relayOutbox(deps);
    expect(actionsOf()).toEqual([[["withheld", "fiqa_result is false"]]]);
  });

  it("is announced if another report has a known type", async () => {
    deps.failing.set("bus", new Error("no bus"));
    await post(asking({ ...face, person_type: 1 }));
    await post(strangerBy({ ...unfit, person_type: "car" }), "PassRecord");
    deps.failing.clear();
    deps.now += 60_000;
    await relayOutbox(deps);
    expect(actionsOf()).toEqual([[["announced", null]]]);
  });
});
