import { hash } from "node:crypto";
import { hashToken, keyIdOf } from "@gatepost/core/keys";
import { approvalSchema } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { auditEntries } from "../../support/audit.ts";
import { jpeg, noon, passing, runtime, type TestRuntime } from "./support.ts";

const actionAnswer = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  box: z.string(),
  approval: z.nullable(approvalSchema),
  history: z.array(z.looseObject({ state: z.string(), decision: z.string().exactOptional() })),
});

let deps: TestRuntime;
let stranger: string;
let update: string;
beforeEach(async () => {
  deps = await runtime();
  for (const box of ["gate-2", "gate-3"]) deps.ingest.addKey("ingest", box);
  stranger = await asked({
    want_action: "1001",
    identity_id: "s.1",
    extData: { person_type: 4, recognize_face: face },
  });
  update = await asked({ want_action: "1002", timestamp: noon + 1, extData: { recognize_face: face } });
});

const face = jpeg("a face").toString("base64");

async function asked(body: Parameters<typeof passing>[0], box = "gate-1"): Promise<string> {
  const [outcome] = await deps.deliver(passing(body), { box });
  const [action] = await deps.deps.actionReader.ofEvent(outcome?.event?.id ?? "");
  return action?.id ?? "";
}

const post = async (path: string, body?: unknown, token = deps.tokens.admin) => {
  const answer = await deps.ask(`/v1/actions/${path}`, {
    method: "POST",
    token,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const read: unknown = await answer.json();
  return { status: answer.status, body: read, action: actionAnswer.safeParse(read).data };
};
const approve = (id: string, body: unknown, token?: string) => post(`${id}/approval`, body, token);
const listed = async (path: string, token = deps.tokens.admin) =>
  z.object({ actions: z.array(actionAnswer) }).parse(await (await deps.ask(path, { token })).json()).actions;
const open = (token?: string) => listed("/v1/actions?approved=1", token);
const limitedTo = (...boxes: string[]) => deps.ingest.addKey("read", null, { boxes });
const outcomes = (boxes: string[], state = "done", reason: string | null = null) =>
  boxes.map((box) => ({ box, state, reason }));

describe("an approval of an action", () => {
  it("an approval names person, type, group and boxes; the default box is the asking one", async () => {
    expect(await open()).toEqual([]);
    const { status, action } = await approve(stranger, { name: " 小明 ", type: "vip", group: "staff" });
    expect([status, action?.approval]).toMatchObject([
      200,
      {
        number: 1,
        order: "approve",
        person: "s.1",
        name: "小明",
        type: "vip",
        group: "staff",
        isOpen: true,
        by: keyIdOf(hashToken(deps.tokens.admin)),
      },
    ]);
    expect(action?.approval?.boxes.map(({ box }) => box)).toEqual(["gate-1"]);
    expect(action?.history.at(-1)).toMatchObject({
      decision: "approve",
      by: keyIdOf(hashToken(deps.tokens.admin)),
      reason: "小明, vip, staff; 1 box",
    });
    expect((await open()).map(({ id }) => id)).toEqual([stranger]);
  });

  it("boxes are given by name, by the site, or as all", async () => {
    const boxesOf = async (boxes: unknown) => {
      const { status, action } = await approve(stranger, { name: "Ada", type: "employee", boxes });
      await post(stranger, { state: "done" });
      return [status, action?.approval?.boxes.map(({ box }) => box).sort()];
    };
    expect(await boxesOf(["gate-3", "gate-2"])).toEqual([200, ["gate-2", "gate-3"]]);
    expect(await boxesOf("all")).toEqual([200, ["gate-1", "gate-2", "gate-3"]]);
    expect(await boxesOf("site")).toEqual([400, undefined]);
    for (const box of ["gate-1", "gate-3"]) {
      const body = JSON.stringify({ site: "east" });
      expect((await deps.ask(`/v1/boxes/${box}`, { method: "PATCH", body })).status).toBe(200);
    }
    expect(await boxesOf("site")).toEqual([200, ["gate-1", "gate-3"]]);
  });

  it("no type is given by default; only blacklist makes a member of the blacklist", async () => {
    expect(await approve(stranger, { name: "Ada" })).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining("type") },
    });
    expect(await open()).toEqual([]);
    expect((await approve(stranger, { name: "Ada", type: "blacklist" })).action?.approval?.type).toBe("blacklist");
  });

  it("an approved photo update keeps the person's name and type unless both are given", async () => {
    expect((await approve(update, undefined)).action?.approval).toMatchObject({
      person: "77",
      name: "Ada",
      type: null,
    });
    await post(update, { state: "done" });
    const both = await approve(update, { name: "Eve", type: "visitor" });
    expect(both.action?.approval).toMatchObject({ person: "77", name: "Eve", type: "visitor" });
    await post(update, { state: "done" });
    for (const half of [{ name: "Eve" }, { type: "vip" }, { group: "staff" }]) {
      expect((await approve(update, half)).status).toBe(400);
    }
  });

  it.each([
    ["no name", {}],
    ["an empty name", { name: "  ", type: "vip" }],
    ["a long name", { name: "x".repeat(65), type: "vip" }],
    ["a name with a line break", { name: "a\nb", type: "vip" }],
    ["a name that turns the text round", { name: "a\u202eb", type: "vip" }],
    ["half a character", { name: "a\ud800", type: "vip" }],
    ["a name that is no text", { name: 1, type: "vip" }],
    ["a type that is none", { name: "Ada", type: "stranger" }],
    ["a type by its number", { name: "Ada", type: 5 }],
    ["two groups in one", { name: "Ada", type: "vip", group: "a,b" }],
    ["no boxes", { name: "Ada", type: "vip", boxes: [] }],
    ["a box that is not there", { name: "Ada", type: "vip", boxes: ["nowhere"] }],
    ["a box twice", { name: "Ada", type: "vip", boxes: ["gate-1", "gate-1"] }],
    ["too many boxes", { name: "Ada", type: "vip", boxes: Array.from({ length: 101 }, (_, n) => `b${n}`) }],
    ["another word for boxes", { name: "Ada", type: "vip", boxes: "some" }],
    ["a member that is none", { name: "Ada", type: "vip", person: "x" }],
    ["no object", "Ada"],
  ])("is refused with %s, and nothing is ordered", async (_, body) => {
    expect((await approve(stranger, body)).status).toBe(400);
    expect(await open()).toEqual([]);
  });

  it("only an admin key may approve", async () => {
    for (const token of [deps.tokens.read, deps.tokens.ingest, limitedTo("gate-1")]) {
      expect((await approve(stranger, { name: "Ada", type: "employee" }, token)).status).toBe(403);
      expect((await post(`${stranger}/approval/undo`, undefined, token)).status).toBe(403);
    }
    expect(await open()).toEqual([]);
  });

  it("an unknown action is answered 404, an impossible approval 409", async () => {
    expect((await approve("act_none", { name: "Ada" })).status).toBe(404);
    expect((await post("act_none/approval/undo")).status).toBe(404);
    const nobody = await asked({
      want_action: "1002",
      identity_id: "",
      timestamp: noon + 9,
      extData: { recognize_face: face },
    });
    expect(await approve(nobody, {})).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("whose photo") },
    });
    const faceless = await asked({ want_action: "1001", timestamp: noon + 10, extData: { person_type: 4 } });
    expect(await approve(faceless, { name: "Ada", type: "employee" })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("no picture") },
    });
    expect((await post(`${stranger}/approval/undo`)).status).toBe(409);
    await approve(stranger, { name: "Ada", type: "employee" });
    expect((await approve(stranger, { name: "Eve", type: "employee" })).status).toBe(409);
    expect((await approve(stranger, { name: "Ada", type: "employee" })).status).toBe(200);
  });

  it("a stranger with a known person's id is refused", async () => {
    const id = await asked({
      want_action: "1001",
      identity_id: "77",
      timestamp: noon + 2,
      extData: { person_type: 4, recognize_face: face },
    });
    const refused = await approve(id, { name: "Eve", type: "employee" });
    expect(refused).toMatchObject({ status: 409, body: { detail: expect.stringContaining("a known person") } });
    expect(await open()).toEqual([]);
    await approve(stranger, { name: "Ada", type: "employee" });
    await post(stranger, { state: "done" });
    await deps.deliver(passing({ identity_id: "s.1", timestamp: noon + 3 }), { box: "gate-1" });
    expect((await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-2"] })).status).toBe(200);
  });

  it("a stranger without an id gets one, the same each time", async () => {
    const nameless = await asked({
      want_action: "1001",
      identity_id: "",
      timestamp: noon + 9,
      extData: { person_type: 4, recognize_face: face },
    });
    const { action } = await approve(nameless, { name: "Ada", type: "employee" });
    expect(action?.approval?.person).toBe(`gp-${nameless.slice(4, 30)}`);
  });

  it("an approval and its undo leave two audit entries each, without names or event ids", async () => {
    await approve(stranger, { name: "Ada Lovelace", type: "vip", boxes: ["gate-1"] });
    await post(`${stranger}/approval/undo`);
    const entries = await auditEntries(deps.ingest.audit);
    expect(entries).toMatchObject([
      { action: "action-approved", outcome: "asked", about: { type: "vip", boxes: ["gate-1"] } },
      { action: "action-approved", outcome: "done" },
      { action: "action-undone", outcome: "asked", about: { action: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      { action: "action-undone", outcome: "done" },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/Ada|act_|evt_/);
  });

  it("a key that was put into a name by mistake is not stored", async () => {
    const { action } = await approve(stranger, { name: `Ada ${deps.tokens.read}`, type: "employee" });
    expect(JSON.stringify(action)).not.toContain(deps.tokens.read);
  });
});

describe("the result of an action", () => {
  it("admin keys and keys limited to boxes may report results; other read keys may not", async () => {
    await approve(stranger, { name: "Ada", type: "employee" });
    expect((await post(stranger, { state: "done" }, deps.tokens.read)).status).toBe(403);
    expect((await post(stranger, { state: "done" }, limitedTo("gate-2"))).status).toBe(404);
    expect((await post(stranger, { state: "done", note: "in" }, limitedTo("gate-1"))).action?.state).toBe("done");
    expect(await open()).toEqual([]);
  });

  it("a limited key settles approved actions and its own box's updates, but no open stranger", async () => {
    const token = limitedTo("gate-1");
    expect((await post(stranger, { state: "done" }, token)).status).toBe(403);
    const own = await post(update, { state: "done", boxes: outcomes(["gate-1"]) }, token);
    expect(own.action).toMatchObject({ state: "done", approval: { isAutomatic: true, person: "77" } });
    expect((await post(`${update}/approval/undo`)).action?.approval).toMatchObject({ order: "undo", number: 2 });
  });

  it("a result by box fails if any box failed, and waits for unnamed boxes", async () => {
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-1", "gate-2"] });
    const first = await post(stranger, { state: "done", boxes: outcomes(["gate-1"]), approval: 1 });
    expect(first.action).toMatchObject({ state: "pending", approval: { isOpen: true } });
    const second = await post(stranger, {
      state: "failed",
      note: null,
      boxes: outcomes(["gate-2"], "failed", "library full"),
    });
    expect(second.action).toMatchObject({ state: "failed", reason: "library full", approval: { isOpen: false } });
    const third = await post(stranger, { state: "done", boxes: outcomes(["gate-2"]) });
    expect(third.action).toMatchObject({ state: "done", reason: null });
    expect(await post(stranger, { state: "done", approval: 2 })).toMatchObject({ status: 409 });
  });

  it("a limited key reports results for its own boxes only", async () => {
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-1", "gate-2"] });
    const token = limitedTo("gate-2");
    const other = await post(stranger, { state: "done", boxes: outcomes(["gate-1"]) }, token);
    expect(other.status).toBe(409);
    const own = await post(stranger, { state: "done" }, token);
    expect(own.action?.approval?.boxes).toEqual(outcomes(["gate-2"]));
    const [still] = await open();
    expect(still?.approval?.boxes).toMatchObject([
      { box: "gate-1", state: "waiting" },
      { box: "gate-2", state: "done" },
    ]);
    expect(await open(token)).toEqual([]);
  });

  it("a key limited to the asking box cannot settle an action ordered at other boxes", async () => {
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-2"] });
    const before = await deps.ask(`/v1/actions/${stranger}`).then((answer) => answer.json());
    for (const state of ["done", "failed"]) {
      expect((await post(stranger, { state, note: "not mine" }, limitedTo("gate-1"))).status).toBe(409);
    }
    expect(await deps.ask(`/v1/actions/${stranger}`).then((answer) => answer.json())).toEqual(before);
  });

  it.each([
    ["done with a box that failed", { state: "done", boxes: outcomes(["gate-1"], "failed") }],
    ["failed with boxes that all did it", { state: "failed", boxes: outcomes(["gate-1"]) }],
    ["a box twice", { state: "done", boxes: outcomes(["gate-1", "gate-1"]) }],
    ["no boxes", { state: "done", boxes: [] }],
    ["a box that waits", { state: "done", boxes: outcomes(["gate-1"], "waiting") }],
    ["another state", { state: "undone" }],
    ["a long reason", { state: "failed", boxes: outcomes(["gate-1"], "failed", "x".repeat(1025)) }],
    ["order nought", { state: "done", approval: 0 }],
  ])("is refused with %s", async (_, body) => {
    await approve(stranger, { name: "Ada", type: "employee" });
    expect((await post(stranger, body)).status).toBe(400);
    expect(await open()).toHaveLength(1);
  });

  it("a result that arrives after an undo is refused with the advice to ask again", async () => {
    await approve(stranger, { name: "Ada", type: "employee" });
    await post(`${stranger}/approval/undo`);
    const late = await post(stranger, { state: "done", boxes: outcomes(["gate-1"]), approval: 1 }, limitedTo("gate-1"));
    expect(late).toMatchObject({ status: 409, body: { detail: expect.stringContaining("orders have changed") } });
  });
});

describe("a key that is limited to boxes", () => {
  it("a limited key sees another box's action once its own box must do it", async () => {
    const token = limitedTo("gate-2");
    expect(await open(token)).toEqual([]);
    expect((await deps.ask(`/v1/actions/${stranger}/photo`, { token })).status).toBe(404);
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-1", "gate-2"] });
    const [action] = await open(token);
    expect(action).toMatchObject({ id: stranger, history: [], reason: null, approval: { boxes: [{ box: "gate-2" }] } });
    const photo = await deps.ask(`/v1/actions/${stranger}/photo`, { token });
    expect(Buffer.from(await photo.arrayBuffer())).toEqual(jpeg("a face"));
    const event = `evt_${stranger.slice(4, 30)}`;
    for (const path of [`/v1/events/${event}`, `/v1/events/${event}/pictures/face`]) {
      expect((await deps.ask(path, { token })).status).toBe(404);
    }
    expect(await listed("/v1/actions", token)).toEqual([]);
    expect(await open(limitedTo("gate-3"))).toEqual([]);
  });

  it("its own action names no other boxes", async () => {
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-1", "gate-2"] });
    await post(stranger, { state: "failed", boxes: outcomes(["gate-2"], "failed", "library full") });
    await approve(stranger, { name: "Ada", type: "employee", boxes: ["gate-1"] }).then(() =>
      post(stranger, { state: "done" }),
    );
    const answer = await deps.ask(`/v1/actions/${stranger}`, { token: limitedTo("gate-1") });
    expect(await answer.text()).not.toContain("gate-2");
  });
});

describe("an approval", () => {
  const digest = (content: string) => hash("sha256", jpeg(content));
  const scene = jpeg("a scene").toString("base64");
  /** A photo to update of which a scene alone has come, and then a face, which is shown first. */
  const changing = async () => {
    const facts = { timestamp: noon + 20, identity_id: "88" };
    const id = await asked({ ...facts, want_action: "1002", extData: { spot_pic: scene } });
    const ext_data = { device_ip: "10.0.0.7", device_type: "0", person_type: 1, recognize_face: face };
    const passed = {
      ...facts,
      identity_name: "Ada",
      identity_info: {},
      device_id: "c1",
      group_name: "staff",
      ext_data,
    };
    const bringFace = () => deps.deliver(passed, { path: "/PassRecord" });
    return { id, bringFace };
  };
  const photoOf = async (id: string, search = "") => {
    const answer = await deps.ask(`/v1/actions/${id}/photo${search}`);
    return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status;
  };

  it("an approval is for the given photo, or the photo that the event shows then", async () => {
    expect(
      (await approve(stranger, { name: "Ada", type: "employee", photo: digest("a face") })).action?.approval?.photo,
    ).toBe(digest("a face"));
    expect((await approve(update, {})).action?.approval?.photo).toBe(digest("a face"));
  });

  it("an approval keeps its photo when a better one arrives later, and may be repeated", async () => {
    const { id, bringFace } = await changing();
    await approve(id, {});
    await bringFace();
    const event = await deps.deps.events.get(`evt_${id.slice(4, 30)}`);
    expect(event?.reports).toHaveLength(2);
    expect(await photoOf(id)).toEqual(jpeg("a scene"));
    expect(await photoOf(id, `?sha256=${digest("a face")}`)).toEqual(jpeg("a face"));
    expect(await approve(id, {})).toMatchObject({ status: 200, action: { approval: { photo: digest("a scene") } } });
    expect(await approve(id, { photo: digest("a face") })).toMatchObject({ status: 409 });
    await post(id, { state: "done" });
    expect((await approve(id, {})).action?.approval?.photo).toBe(digest("a face"));
  });

  it("an approval may name the photo that a user saw before a better one arrived", async () => {
    const { id, bringFace } = await changing();
    await bringFace();
    expect((await approve(id, { photo: digest("a scene") })).action?.approval?.photo).toBe(digest("a scene"));
    expect(await photoOf(id)).toEqual(jpeg("a scene"));
  });

  it("an approval with a photo of another event, or an invalid hash, is refused", async () => {
    const other = await approve(stranger, { name: "Ada", type: "employee", photo: digest("another face") });
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining("does not have this photo") } });
    for (const photo of ["", "a face", digest("a face").toUpperCase(), 7]) {
      expect((await approve(stranger, { name: "Ada", type: "employee", photo })).status).toBe(400);
    }
    expect(await open()).toEqual([]);
  });

  it("no other photo is given out after the event was rewritten without the approved one", async () => {
    await approve(stranger, { name: "Ada", type: "employee" });
    const event = await deps.deps.actionReader.eventOf(stranger);
    const [report] = event?.reports ?? [];
    if (report?.pictures?.face === undefined) throw new Error("the report has no face");
    report.pictures.face.sha256 = digest("another face");
    deps.deps.actionReader.eventOf = async () => event;
    const answer = await deps.ask(`/v1/actions/${stranger}/photo`);
    expect([answer.status, await answer.json()]).toMatchObject([
      410,
      { detail: "its event does not have this photo any more" },
    ]);
  });
});

describe("the photo of an action", () => {
  it("is the face, else the scene, or 404", async () => {
    expect((await deps.ask(`/v1/actions/${stranger}/photo`)).headers.get("content-type")).toBe("image/jpeg");
    expect((await deps.ask("/v1/actions/act_none/photo")).status).toBe(404);
    const faceless = await asked({ want_action: "1001", timestamp: noon + 10, extData: { person_type: 4 } });
    expect((await deps.ask(`/v1/actions/${faceless}/photo`)).status).toBe(404);
    const etag = (await deps.ask(`/v1/actions/${stranger}/photo`)).headers.get("etag") ?? "";
    const again = await deps.ask(`/v1/actions/${stranger}/photo`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
  });

  it("is no scene that has ended", async () => {
    deps.ingest.settings.sceneDays = 7;
    const asking = { want_action: "1001", timestamp: noon + 30 };
    const scene = { person_type: 4, spot_pic: jpeg("a scene").toString("base64") };
    const alone = await asked({ ...asking, extData: scene });
    const beside = await asked({ ...asking, extData: { ...scene, recognize_face: face } });
    const paths = [`${alone}/photo`, `${beside}/photo?sha256=${hash("sha256", jpeg("a scene"))}`, `${beside}/photo`];
    const statuses = async () => Promise.all(paths.map(async (path) => (await deps.ask(`/v1/actions/${path}`)).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    deps.ingest.now += 7 * 24 * 60 * 60_000;
    expect(await statuses()).toEqual([404, 410, 200]);
    expect(await approve(alone, { name: "Ada", type: "employee" })).toMatchObject({ status: 409 });
  });

  it("a photo up to 4 MB is sent as bytes, also with links", async () => {
    deps.deps.pictureLinks = {
      link: async () => ({ url: "https://store.example/x", expires: "2026-11-05T04:05:00Z" }),
    };
    expect((await deps.ask(`/v1/actions/${stranger}/photo`)).status).toBe(200);
    const event = await deps.deps.actionReader.eventOf(stranger);
    const [report] = event?.reports ?? [];
    if (report?.pictures?.face === undefined) throw new Error("the report has no face");
    report.pictures.face.bytes = 4 * 1024 * 1024 + 1;
    deps.deps.actionReader.eventOf = async () => event;
    const answer = await deps.ask(`/v1/actions/${stranger}/photo`);
    expect([answer.status, answer.headers.get("location")]).toEqual([302, "https://store.example/x"]);
  });
});
