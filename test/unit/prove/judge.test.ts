import { eventSchema, type FaceEvent, merge } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import type { Claim, Progress, Standing } from "../../../prove/power/claims.ts";
import { judgeShown, judgeStored, judgeTold, repeated, tracesBegun, tracesOf } from "../../../prove/power/judge.ts";
import type { Shown, Stored } from "../../../prove/power/observe.ts";
import { report } from "../../contract/samples.ts";

const standing = (claim: Claim, progress: Progress, body: string | null = null): Standing => ({
  operation: {
    claims: [claim],
    begunAt: 0,
    port: 1,
    isAnswered: false,
    request: body === null ? null : { path: "/k/HistoryEvent", body },
  },
  progress,
});

const passing = (changes: Partial<Extract<Claim, { kind: "passing" }>> = {}): Claim => ({
  kind: "passing",
  person: "p1",
  report: "history",
  pictures: {},
  wantAction: null,
  ...changes,
});

function event(person: string, id = `evt_${person}`): FaceEvent {
  const stored = { id, box: "gate-1", isSecondFace: false, reports: [report({ kind: "history" })], actions: [] };
  const shown = eventSchema.parse(merge(stored));
  return { ...shown, person: { ...shown.person, id: person } };
}

const shown = (events: FaceEvent[], changes: Partial<Shown> = {}): Shown => ({
  events,
  badPictures: new Map(),
  tokens: new Map(),
  ...changes,
});

const judge = (found: Shown, ...standings: Standing[]) => judgeShown(found, standings);

describe("the judgement of a state after a cut, by the answers before it", () => {
  it("an acknowledged event is there", () => {
    expect(judge(shown([event("p1")]), standing(passing(), "answered"))).toEqual([]);
    expect(judge(shown([]), standing(passing(), "answered"))).toEqual(["p1 is lost"]);
  });

  it("an event without an answer may be there or not", () => {
    expect(judge(shown([event("p1")]), standing(passing(), "begun"))).toEqual([]);
    expect(judge(shown([]), standing(passing(), "begun"))).toEqual([]);
  });

  it("no event is there twice, or before it was sent", () => {
    const twice = shown([event("p1"), event("p1", "evt_other")]);
    expect(judge(twice, standing(passing(), "answered"))).toEqual(["p1 is shown 2 times"]);
    expect(judge(shown([event("p1")]), standing(passing(), "unsent"))).toEqual(["p1 is shown before it was sent"]);
    expect(judge(shown([event("p2")]))).toEqual(["event evt_p2 of p2 was never sent"]);
  });

  it("an event has its acknowledged report, pictures and action", () => {
    const asked = passing({ report: "realtime", pictures: { face: "f".repeat(64) }, wantAction: "1001" });
    expect(judge(shown([event("p1")]), standing(asked, "answered"))).toEqual([
      "p1: its realtime report is lost",
      "p1: its face picture is lost",
      "p1: its action 1001 is lost",
    ]);
  });

  it("no picture of any event is bad", () => {
    const found = shown([event("p1")], { badPictures: new Map([["evt_p1", ["face is answered 410"]]]) });
    expect(judge(found, standing(passing(), "begun"))).toEqual(["event evt_p1: face is answered 410"]);
  });

  it("an erased person is gone after the answer, and may be gone after the request", () => {
    const erased = (progress: Progress) => standing({ kind: "erased", person: "p1", traces: ["mark"] }, progress);
    const answered = standing(passing(), "answered", "{}");
    expect(judge(shown([event("p1")]), answered, erased("answered"))).toEqual(["p1 is gone, and shown"]);
    expect(judge(shown([]), answered, erased("answered"))).toEqual([]);
    expect(judge(shown([]), answered, erased("begun"))).toEqual([]);
    expect(judge(shown([event("p1")]), answered, erased("begun"))).toEqual([]);
    expect(judge(shown([]), answered, erased("unsent"))).toEqual(["p1 is lost"]);
    expect(tracesOf([erased("answered")], "erased")).toEqual(["mark"]);
    expect(tracesOf([erased("begun")], "erased")).toEqual([]);
    expect(repeated([answered, erased("begun")])).toEqual([]);
    expect(repeated([answered, erased("unsent")])).toEqual([answered]);
  });

  it("a made key opens, and a revoked one does not", () => {
    const key = standing({ kind: "key", token: "t" }, "answered");
    const revoked = (progress: Progress) => standing({ kind: "revoked", token: "t" }, progress);
    const [open, shut] = [true, false].map((opens) => shown([], { tokens: new Map([["t", opens]]) }));
    if (open === undefined || shut === undefined) throw new Error("there are two");
    expect(judge(open, key)).toEqual([]);
    expect(judge(shut, key)).toEqual(["key t was made and does not open"]);
    expect(judge(open, key, revoked("begun"))).toEqual([]);
    expect(judge(shut, key, revoked("begun"))).toEqual([]);
    expect(judge(open, key, revoked("answered"))).toEqual(["key t is revoked and opens"]);
    expect(judge(shut, key, revoked("answered"))).toEqual([]);
  });
});

const stored = (changes: Partial<Stored> = {}): Stored => ({
  faults: [],
  quarantine: [],
  statuses: [],
  actions: [],
  deliveries: [],
  events: [],
  outbox: [],
  keys: 0,
  ...changes,
});

describe("the judgement of the tables", () => {
  it("a body is in quarantine exactly once", () => {
    const kept = standing({ kind: "quarantined", sha256: "s" }, "answered");
    expect(judgeStored(stored({ quarantine: ["s"] }), [kept], null)).toEqual([]);
    expect(judgeStored(stored(), [kept], null)).toEqual(["quarantine has s 0 times"]);
    expect(judgeStored(stored({ quarantine: ["s", "s"] }), [kept], null)).toEqual(["quarantine has s 2 times"]);
  });

  it("the status of a box and the answer of a subscriber are stored", () => {
    const standings = [
      standing({ kind: "status", box: "gate-1", serial: "S7" }, "answered"),
      standing({ kind: "settled", person: "act_1", state: "done" }, "answered"),
    ];
    const right = stored({
      statuses: [{ box: "gate-1", report: '{"dev_sno":"S7"}' }],
      actions: [{ id: "act_1", state: "done", wantAction: "1002" }],
    });
    expect(judgeStored(right, standings, [])).toEqual([]);
    expect(judgeStored(stored(), standings, [])).toEqual([
      "the status S7 of gate-1 is lost",
      "the answer to act_1 is lost",
    ]);
  });

  it("an announced action waits, or has arrived", () => {
    const actions = [{ id: "act_1", state: "announced", wantAction: "1001" }];
    const delivery = (state: string) => [{ rule: "r", entryId: "act_1", state }];
    const heard = [{ at: 1, id: "act_1" }];
    expect(judgeStored(stored({ actions }), [], [])).toEqual(["act_1 is announced and nobody will hear it"]);
    expect(judgeStored(stored({ actions, deliveries: delivery("waiting") }), [], [])).toEqual([]);
    expect(judgeStored(stored({ actions, deliveries: delivery("delivered") }), [], heard)).toEqual([]);
    expect(judgeStored(stored({ deliveries: delivery("delivered") }), [], [])).toEqual([
      "act_1 is noted as delivered and has not arrived",
    ]);
  });

  it("a recorded event waits, is in a queue, or has arrived", () => {
    const told = ["evt_1"];
    const held = { events: ["evt_1", "evt_of_before"] };
    expect(judgeTold(stored(), told, [])).toEqual([]);
    expect(judgeTold(stored(held), told, [])).toEqual(["evt_1 is recorded and nobody will hear it"]);
    expect(judgeTold(stored({ ...held, outbox: told }), told, [])).toEqual([]);
    const deliveries = [{ rule: "r", entryId: "evt_1", state: "waiting" }];
    expect(judgeTold(stored({ ...held, deliveries }), told, [])).toEqual([]);
    expect(judgeTold(stored(held), told, [{ at: 1, id: "evt_1" }])).toEqual([]);
  });
});

describe("an erasure that was begun and not answered", () => {
  const standings = [
    standing(passing(), "answered"),
    standing({ kind: "erased", person: "p1", traces: ["mark"] }, "begun"),
  ];

  it("an unanswered erasure that has taken an event leaves nothing of its person", () => {
    expect(tracesBegun(shown([]), standings)).toEqual(["mark"]);
  });

  it("an unanswered erasure may leave a person who is still shown", () => {
    expect(tracesBegun(shown([event("p1")]), standings)).toEqual([]);
  });
});
