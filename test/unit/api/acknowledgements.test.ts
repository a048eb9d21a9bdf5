import { acknowledgementSchema, eventSchema } from "@gatepost/protocol";
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { addAccount, signedIn } from "./people.ts";
import { noon, passing, runtime, type TestRuntime } from "./support.ts";

const answered = z.object({ ...acknowledgementSchema.shape, kept: z.array(z.string()) });
const blacklist = 3;

describe("acknowledging", () => {
  let deps: TestRuntime;
  let guard: Record<string, string>;
  let manager: Record<string, string>;
  let stranger: string;
  let banned: string;

  beforeEach(async () => {
    deps = await runtime();
    deps.ingest.failing.delete("bus");
    guard = await signedIn(deps, await addAccount(deps, "guard"));
    manager = await signedIn(deps, await addAccount(deps, "manager"));
    await deps.deliver(passing({ identity_id: "1", identity_name: "Ada" }));
    await deps.deliver(
      passing({ identity_id: "2", identity_name: "Zhao", extData: { person_type: blacklist }, timestamp: noon - 5 }),
    );
    stranger = await eventOf("1");
    banned = await eventOf("2");
  });

  const eventOf = async (person: string) => {
    const { items } = await deps.deps.events.list({ person }, { limit: 1, cursor: null });
    return items[0]?.id ?? expect.fail(`there is no event of ${person}`);
  };
  const post = (body: object, headers: Record<string, string> = guard) =>
    deps.ask("/v1/acknowledgements", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  const made = async (body: object, headers?: Record<string, string>) =>
    answered.parse(await (await post(body, headers)).json());
  const remove = async (id: string, headers: Record<string, string>) =>
    (await deps.ask(`/v1/acknowledgements/${id}`, { method: "DELETE", headers })).status;
  const ofEvent = async (id: string) =>
    eventSchema.parse(await (await deps.ask(`/v1/events/${id}`)).json()).acknowledgement;
  const announcedEntries = () => deps.ingest.announced.filter(({ detailType }) => detailType === "Event Acknowledged");

  it("is on its events, on the bus and in the audit log", async () => {
    const note = "No pass.\nTurned round.";
    const said = await made({ events: [stranger, banned], reason: "sent-away", note });
    expect(said).toMatchObject({
      reason: "sent-away",
      note,
      kept: [],
      by: { account: expect.stringMatching(/^acc_/) },
    });
    expect(await ofEvent(banned)).toEqual({ ...acknowledgementSchema.parse(said), events: [banned] });
    expect(announcedEntries()).toMatchObject([{ id: said.id, detail: { acknowledgement: { note, by: said.by } } }]);
    expect(announcedEntries()[0]?.detail).not.toHaveProperty("event");
    const log = await (await deps.ask("/v1/audit?action=acknowledged")).text();
    expect(log).toContain(`"acknowledgement":"${said.id}"`);
    expect(log).toContain('"reason":"sent-away"');
    for (const secret of [stranger, banned, "Turned round"]) expect(log).not.toContain(secret);
  });

  it("contains the newest event on the bus of a deployment that announces events", async () => {
    deps.deps.announcesEvents = true;
    await made({ events: [stranger, banned], reason: "known" });
    expect(announcedEntries()).toMatchObject([{ detail: { event: { person: { id: "1" } } } }]);
  });

  it("keeps the first acknowledgement of an event", async () => {
    const first = await made({ events: [stranger] });
    const second = await made({ events: [stranger, banned], reason: "known" }, manager);
    expect(second).toMatchObject({ events: [banned], kept: [stranger] });
    expect((await ofEvent(stranger))?.id).toBe(first.id);
    expect((await made({ events: [stranger] })).events).toEqual([]);
    expect(announcedEntries()).toHaveLength(2);
  });

  it("is done once however often the same request is sent", async () => {
    const headers = { ...guard, "idempotency-key": "k-1" };
    deps.ingest.failing.set("bus", new Error("the bus is down"));
    expect((await post({ events: [stranger] }, headers)).status).toBeGreaterThanOrEqual(500);
    deps.ingest.failing.delete("bus");
    const first = await made({ events: [stranger] }, headers);
    expect(await made({ events: [stranger] }, headers)).toEqual(first);
    expect(new Set(announcedEntries().map(({ id }) => id))).toEqual(new Set([first.id]));
    expect((await made({ events: [banned], reason: "known" }, headers)).id).not.toBe(first.id);
    expect((await post({ events: [stranger] }, { ...guard, "idempotency-key": "ä" })).status).toBe(400);
  });

  it("needs a reason from a person for the blacklist, and takes none from a key", async () => {
    const refused = await post({ events: [stranger, banned] });
    expect([refused.status, await refused.json()]).toMatchObject([409, { code: "reason-needed" }]);
    expect(await ofEvent(stranger)).toBeNull();
    const key = { authorization: `Bearer ${deps.ingest.addKey("read", null)}` };
    expect((await post({ events: [banned], reason: "known" }, key)).status).toBe(403);
    expect((await post({ events: [banned], note: "n" }, key)).status).toBe(403);
    expect(await made({ events: [banned] }, key)).toMatchObject({ by: { account: null, name: null } });
  });

  it("is refused whole if one of the events is not there", async () => {
    expect((await post({ events: [stranger, "evt_none"] })).status).toBe(404);
    const limited = await signedIn(deps, await addAccount(deps, "guard", { boxes: ["gate-9"] }));
    expect((await post({ events: [stranger] }, limited)).status).toBe(404);
    expect(await ofEvent(stranger)).toBeNull();
  });

  it.each([
    { events: [] },
    { events: Array.from({ length: 201 }, (_, at) => `evt_${at}`) },
    { events: ["x".repeat(65)] },
    { events: ["evt_1"], reason: "because" },
    { events: ["evt_1"], note: "n".repeat(501) },
    { events: ["evt_1"], note: "  " },
    { events: ["evt_1"], by: "acc_1" },
  ])("is refused with 400 for a body that is none (%#)", async (body) => {
    expect((await post(body)).status).toBe(400);
  });

  it("is taken back by its guard for a moment, and by a manager later", async () => {
    const { id } = await made({ events: [stranger] });
    const colleague = await signedIn(deps, await addAccount(deps, "guard"));
    expect(await remove(id, colleague)).toBe(403);
    deps.ingest.now += 10_001;
    expect(await remove(id, guard)).toBe(403);
    expect(await remove(id, manager)).toBe(204);
    expect(await ofEvent(stranger)).toBeNull();
    const again = await made({ events: [stranger] });
    deps.ingest.now += 10_000;
    expect(await remove(again.id, guard)).toBe(204);
    expect(await ofEvent(stranger)).toBeNull();
    expect(await remove("ack_none", manager)).toBe(404);
  });

  it("is not seen by an account of other boxes", async () => {
    const { id } = await made({ events: [stranger] });
    const other = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-9"] }));
    expect(await remove(id, other)).toBe(404);
    expect((await ofEvent(stranger))?.id).toBe(id);
  });

  it("by PUT is taken back by its id, too", async () => {
    expect((await deps.ask(`/v1/events/${stranger}/seen`, { method: "PUT", headers: guard })).status).toBe(204);
    const id = (await ofEvent(stranger))?.id ?? "";
    expect(await remove(id, guard)).toBe(204);
    expect(await ofEvent(stranger)).toBeNull();
  });
});
