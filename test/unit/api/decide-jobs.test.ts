import { runSlice } from "@gatepost/api";
import { dayMs } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { auditEntries } from "../../support/audit.ts";
import { doJobs } from "../../support/memory/jobs.ts";
import { addAccount, signedIn } from "./people.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const face = jpeg("a face").toString("base64");
const registered = jpeg("registered").toString("base64");

let deps: TestRuntime;
let updates: string[];
beforeEach(async () => {
  deps = await runtime();
  deps.ingest.failing.delete("bus");
  updates = [];
  for (const at of [1, 2, 3]) updates.push(await asked({ timestamp: noon + at }));
});

async function asked(
  body: Parameters<typeof passing>[0] = {},
  box = "gate-1",
  receivedAt = noon + 500,
): Promise<string> {
  const extData = { recognize_face: face, ...body.extData };
  const report = passing({ want_action: "1002", score: 0.95, reg_pic: registered, ...body, extData });
  const [outcome] = await deps.deliver(report, { box, receivedAt });
  const [action] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
  return action?.id ?? "";
}

const jobAnswer = z.looseObject({
  id: z.string(),
  state: z.string(),
  done: z.int(),
  of: z.int(),
  result: z.nullable(
    z.looseObject({ decided: z.int(), leftOut: z.array(z.unknown()), failed: z.array(z.unknown()), undo: z.unknown() }),
  ),
});
type Headers = Record<string, string>;
const post = (path: string, body?: object, headers: Headers = {}) =>
  deps.ask(path, { method: "POST", headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const create = async (body: object, headers: Headers = {}) => {
  const answer = await post("/v1/jobs", { kind: "decide", ...body }, headers);
  expect(answer.status).toBe(202);
  return jobAnswer.parse(await answer.json());
};
const shown = async (id: string) => jobAnswer.parse(await (await deps.ask(`/v1/jobs/${id}`)).json());
const finished = async (body: object, headers: Headers = {}) => {
  const { id } = await create(body, headers);
  await doJobs(deps.deps);
  return shown(id);
};
const undo = async (id: string, headers: Headers = {}) => {
  const answer = await post(`/v1/jobs/${id}/undo`, undefined, headers);
  const body: unknown = await answer.json();
  await doJobs(deps.deps);
  return { status: answer.status, body, job: jobAnswer.safeParse(body).data };
};
const one = (id: string) => deps.deps.actionReader.get(id);
const statesOf = (ids: readonly string[]) => Promise.all(ids.map(async (id) => (await one(id))?.state));
const as = async (role: "guard" | "manager", boxes: string[] | null = null) =>
  signedIn(deps, await addAccount(deps, role, { name: role, boxes }));
const refused = async (body: object, headers: Headers = {}) => {
  const answer = await post("/v1/jobs", { kind: "decide", ...body }, headers);
  return { status: answer.status, body: await answer.json() };
};
const announcedEntries = () => deps.ingest.announced.filter(({ detailType }) => detailType === "Action Declined");

describe("a job that decides actions", () => {
  it("declines each for the guard who asked, with the reason, and tells subscribers of each", async () => {
    const job = await finished({ do: "decline", actions: updates, reason: "delivery" }, await as("guard"));
    expect(job).toMatchObject({ state: "done", done: 3, of: 3 });
    expect(job.result).toEqual({ decided: 3, leftOut: [], failed: [], undo: null });
    expect((await one(updates[0] ?? ""))?.decline).toMatchObject({
      reason: "delivery",
      by: expect.stringMatching(/^acc_/),
    });
    expect(announcedEntries()).toHaveLength(3);
  });

  it("leaves out actions that another user has decided, and those that are gone", async () => {
    await post(`/v1/actions/${updates[0]}`, { state: "done", note: null });
    const { id } = await create({ do: "decline", actions: updates });
    await deps.deps.eraser.eraseEvent(`evt_${updates[1]?.slice(4, 30)}`);
    await doJobs(deps.deps);
    expect((await shown(id)).result).toMatchObject({
      decided: 1,
      leftOut: [
        { action: updates[0], why: "state" },
        { action: updates[1], why: "gone" },
      ],
    });
    expect(await statesOf(updates)).toEqual(["done", undefined, "declined"]);
  });

  it("marks actions as done, but none that a box is just carrying out", async () => {
    await post(`/v1/actions/${updates[0]}/approval`, {});
    const { result } = await finished({ do: "done", actions: updates });
    expect(result).toMatchObject({ decided: 2, leftOut: [{ action: updates[0], why: "ordered" }] });
  });

  it("repeated after a crash, a slice decides and counts the same", async () => {
    const { id } = await create({ do: "take-photo", actions: updates });
    const before = await deps.deps.jobs.store.get(id);
    await doJobs(deps.deps);
    const first = await shown(id);
    const orders = (await one(updates[0] ?? ""))?.approval;
    deps.deps.jobs.store.get = async () => before;
    deps.deps.jobs.store.advance = async (_, after) => {
      expect(after).toMatchObject({ state: "done", result: { decided: [0, 1, 2] } });
      return true;
    };
    await doJobsOf(id);
    expect(first.result).toMatchObject({ decided: 3 });
    expect((await one(updates[0] ?? ""))?.approval).toEqual(orders);
  });

  it("waits while the bus is away", async () => {
    const { id } = await create({ do: "decline", actions: updates });
    deps.ingest.failing.set("bus", new Error("the bus is away"));
    await expect(doJobs(deps.deps)).rejects.toThrow("the bus did not take the announcement");
    deps.ingest.failing.delete("bus");
    await doJobs(deps.deps);
    expect((await shown(id)).result).toMatchObject({ decided: 3, failed: [] });
    expect(announcedEntries()).toHaveLength(3);
  });

  it("names one entry of the audit log, with the number of actions", async () => {
    await finished({ do: "decline", actions: updates, reason: "poor-photo" });
    const about = { do: "decline", reason: "poor-photo", count: 3 };
    expect(await auditEntries(deps.deps.auditReader)).toMatchObject([
      { action: "actions-decided", outcome: "asked", about },
      { action: "actions-decided", outcome: "done", about: { ...about, job: expect.stringMatching(/^job_/) } },
    ]);
  });
});

/** Runs one more slice of a job, also after its end. */
async function doJobsOf(id: string): Promise<void> {
  await runSlice(id, deps.deps, { events: 10, records: 20, bytes: 1000 });
}

describe("photos taken by a job", () => {
  it("are sure matches alone, and go to the box that asked", async () => {
    const low = await asked({ timestamp: noon + 10, score: 0.7 });
    const poor = await asked({ timestamp: noon + 11, extData: { box_fiqa_info: { fiqa_result: false } } });
    const none = await asked({ timestamp: noon + 12, reg_pic: "" });
    const stranger = await asked({
      timestamp: noon + 13,
      want_action: "1001",
      identity_id: "s.1",
      reg_pic: "",
      extData: { person_type: 4 },
    });
    const { result } = await finished({ do: "take-photo", actions: [...updates, low, poor, none, stranger] });
    expect(result).toMatchObject({
      decided: 3,
      leftOut: [
        { action: low, why: "match" },
        { action: poor, why: "quality" },
        { action: none, why: "picture" },
        { action: stranger, why: "kind" },
      ],
    });
    expect((await one(updates[0] ?? ""))?.approval?.boxes.map(({ box }) => box)).toEqual(["gate-1"]);
  });

  it("go to the boxes of a shared site that the caller sees", async () => {
    for (const box of ["gate-1", "gate-2", "gate-3"]) await deps.deps.boxes.writer.set(box, { site: "hq" });
    const [first = "", second = ""] = updates;
    await finished({ do: "take-photo", actions: [first], boxes: "site" });
    expect((await one(first))?.approval?.boxes).toHaveLength(1);
    await deps.deps.sites.put("hq", { sharesPeople: true });
    await finished({ do: "take-photo", actions: [second], boxes: "site" }, await as("manager", ["gate-1", "gate-2"]));
    expect((await one(second))?.approval?.boxes.map(({ box }) => box).sort()).toEqual(["gate-1", "gate-2"]);
  });

  it("are no other photos than the user looked at", async () => {
    const [id = ""] = updates;
    const { result } = await finished({ do: "take-photo", actions: [id], photos: { [id]: "0".repeat(64) } });
    expect(result).toMatchObject({
      decided: 0,
      failed: [{ action: id, why: expect.stringContaining("look at the photo") }],
    });
    expect((await one(id))?.approval).toBeNull();
  });
});

describe("actions chosen by a filter", () => {
  const filtered = { do: "decline", filter: { want: "1002" }, until: noon + dayMs };

  it("are the open ones that were made until then", async () => {
    const until = deps.ingest.now;
    deps.ingest.now += 1000;
    const late = await asked({ timestamp: noon + 20 }, "gate-1", deps.ingest.now);
    const { result } = await finished({ ...filtered, until, expect: 3 });
    expect(result).toMatchObject({ decided: 3 });
    expect(await statesOf([late])).toEqual(["announced"]);
  });

  it("as many as are expected, else nothing is decided", async () => {
    expect(await refused({ ...filtered, expect: 2 })).toMatchObject({
      status: 409,
      body: { code: "changed", detail: "3 actions match now, and not 2; look at them again" },
    });
    expect(await statesOf(updates)).toEqual(["announced", "announced", "announced"]);
  });

  it("are of a site, a match and boxes that the caller sees", async () => {
    await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
    const other = await asked({ timestamp: noon + 30, score: 0.99 }, "gate-2");
    await finished({ ...filtered, filter: { site: "hq", match: 98 }, expect: 1 });
    expect(await statesOf([other, ...updates])).toEqual(["declined", "announced", "announced", "announced"]);
    expect(await refused({ ...filtered, expect: 3 }, await as("guard", ["gate-2"]))).toMatchObject({ status: 409 });
  });
});

describe("the decisions of a job, taken back", () => {
  it("are open again, by one other job", async () => {
    const { id } = await finished({ do: "decline", actions: updates });
    const { status, job } = await undo(id);
    expect([status, job?.state, (await undo(id)).job?.id]).toEqual([202, "waiting", job?.id]);
    expect((await shown(job?.id ?? "")).result).toMatchObject({ decided: 3 });
    expect((await shown(id)).result).toMatchObject({ undo: job?.id });
    expect(await statesOf(updates)).toEqual(["announced", "announced", "announced"]);
  });

  it("undo photos at the boxes, but not one that another user has ordered since", async () => {
    const { id } = await finished({ do: "take-photo", actions: updates });
    const [first = "", second = ""] = updates;
    await post(`/v1/actions/${second}/approval/undo`, undefined, await as("manager"));
    const { job } = await undo(id);
    expect((await shown(job?.id ?? "")).result).toMatchObject({
      decided: 2,
      leftOut: [{ action: second, why: "state" }],
    });
    expect((await one(first))?.approval?.order).toBe("undo");
  });

  it.each(["by the same person", "by another"])("leave newer decisions alone, %s", async (by) => {
    const [first = "", second = "", third = ""] = updates;
    const decide = (path: string, body?: object) =>
      by === "by another" ? as("manager").then((other) => post(path, body, other)) : post(path, body);
    const declines = await finished({ do: "decline", actions: [first] });
    await decide(`/v1/actions/${first}`, { state: "open" });
    await decide(`/v1/actions/${first}`, { state: "declined" });
    const photos = await finished({ do: "take-photo", actions: [second, third] });
    await decide(`/v1/actions/${second}/approval/undo`);
    await post(`/v1/actions/${second}`, { state: "done", boxes: [{ box: "gate-1", state: "done" }] });
    await decide(`/v1/actions/${second}/approval`, {});
    const undone = await Promise.all([declines, photos].map(async ({ id }) => (await undo(id)).job?.id ?? ""));
    expect((await Promise.all(undone.map(shown))).map(({ result }) => [result?.decided, result?.leftOut])).toEqual([
      [0, [{ action: first, why: "state" }]],
      [1, [{ action: second, why: "state" }]],
    ]);
    expect(await statesOf([first])).toEqual(["declined"]);
    const orders = await Promise.all([second, third].map(async (id) => (await one(id))?.approval?.order));
    expect(orders).toEqual(["approve", "undo"]);
  });

  it("stay after a stop until they are taken back", async () => {
    const { id } = await create({ do: "decline", actions: updates });
    const advance = deps.deps.jobs.store.advance.bind(deps.deps.jobs.store);
    // The stop arrives while the first slice is under way.
    deps.deps.jobs.store.advance = async (before, after) => {
      deps.deps.jobs.store.advance = advance;
      await deps.ask(`/v1/jobs/${id}`, { method: "DELETE" });
      return advance(before, after);
    };
    expect(await runSlice(id, deps.deps, { events: 10, records: 2, bytes: 1000 })).toBe(false);
    expect(await shown(id)).toMatchObject({ state: "stopped", done: 2, result: { decided: 2 } });
    await undo(id);
    expect(await statesOf(updates)).toEqual(["announced", "announced", "announced"]);
  });

  it.each([
    ["marked as done", { do: "done" }, 0, 409],
    ["declined over a week ago", { do: "decline" }, 8 * dayMs, 410],
  ])("are not taken back if %s", async (_, body, later, status) => {
    const { id } = await finished({ ...body, actions: updates });
    deps.ingest.now += later;
    expect((await undo(id)).status).toBe(status);
  });

  it("are taken back neither before the end nor of another kind", async () => {
    const { id } = await create({ do: "decline", actions: updates });
    const export_ = await post("/v1/jobs", { kind: "export", format: "csv" });
    const other = jobAnswer.partial().parse(await export_.json());
    for (const job of [id, other.id]) expect((await post(`/v1/jobs/${job}/undo`)).status).toBe(409);
    expect((await post(`/v1/jobs/${id}/undo`, undefined, await as("guard"))).status).toBe(404);
  });
});

describe("a request to decide many actions", () => {
  it.each([
    ["neither actions nor a filter", { do: "decline" }],
    ["both", { do: "decline", actions: ["act_00000000000000000000000000_1002"], filter: {}, until: noon, expect: 1 }],
    ["a filter without a number", { do: "decline", filter: {}, until: noon }],
    ["another decision", { do: "approve", actions: ["act_00000000000000000000000000_1002"] }],
    ["an action twice", { do: "decline", actions: Array(2).fill("act_00000000000000000000000000_1002") }],
    ["an id of something else", { do: "decline", actions: ["evt_00000000000000000000000000"] }],
    ["an inherited member", { do: "decline", actions: ["__proto__"] }],
    [
      "too many",
      { do: "decline", actions: Array.from({ length: 2001 }, (_, n) => `act_${`${n}`.padStart(26, "0")}_1002`) },
    ],
    [
      "a photo without its hash",
      { do: "take-photo", actions: ["act_00000000000000000000000000_1002"], photos: { x: "y" } },
    ],
  ])("is refused with %s", async (_, body) => {
    expect((await refused(body)).status).toBe(400);
  });

  it("is a guard's only to decline, and no read key's", async () => {
    const guard = await as("guard");
    const read = { authorization: `Bearer ${deps.tokens.read}` };
    for (const does of ["done", "take-photo"]) {
      expect((await refused({ do: does, actions: updates }, guard)).status).toBe(403);
    }
    expect((await refused({ do: "decline", actions: updates }, read)).status).toBe(403);
    expect((await post("/v1/jobs", { kind: "export", format: "csv" }, guard)).status).toBe(403);
  });

  it("is 404 of actions that the caller does not see", async () => {
    expect((await refused({ do: "decline", actions: updates }, await as("guard", ["gate-9"]))).status).toBe(404);
  });
});
