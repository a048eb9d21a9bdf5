import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { addAccount, signedIn } from "./people.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

const note = z.object({
  id: z.string(),
  text: z.string(),
  at: z.string(),
  by: z.object({ name: z.string().nullable() }),
});
const list = z.object({ notes: z.array(note) });

describe("notes about an event", () => {
  let deps: TestRuntime;
  let guard: Record<string, string>;
  let path: string;

  beforeEach(async () => {
    deps = await runtime();
    guard = await signedIn(deps, await addAccount(deps, "guard"));
    await deps.deliver(passing({ identity_id: "1", identity_name: "Ada" }));
    const { items } = await deps.deps.events.list({ person: "1" }, { limit: 1, cursor: null });
    path = `/v1/events/${items[0]?.id}/notes`;
  });

  const add = (body: object, headers: Record<string, string> = guard, at = path) =>
    deps.ask(at, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  const listed = async () => list.parse(await (await deps.ask(path, { headers: guard })).json()).notes;

  it("are signed by the account, and listed with the oldest first", async () => {
    expect((await add({ text: " He had a pass. " })).status).toBe(201);
    expect((await add({ text: "He left at noon." })).status).toBe(201);
    const notes = await listed();
    expect(notes.map(({ text }) => text)).toEqual(["He had a pass.", "He left at noon."]);
    expect(notes[0]?.by.name).toEqual(expect.any(String));
  });

  it("are added once however often a request with an Idempotency-Key is sent", async () => {
    const headers = { ...guard, "idempotency-key": "k1" };
    const [one, two] = [await add({ text: "Once." }, headers), await add({ text: "Once." }, headers)];
    expect(note.parse(await one.json()).id).toBe(note.parse(await two.json()).id);
    expect(await listed()).toHaveLength(1);
  });

  it("are in the audit log without their text", async () => {
    await add({ text: "Secret words" });
    const { items } = await deps.deps.auditReader.list({ actions: ["noted"] }, { limit: 10, cursor: null });
    expect(items.map(({ outcome }) => outcome).sort()).toEqual(["asked", "done"]);
    expect(JSON.stringify(items)).not.toContain("Secret words");
  });

  it("are refused without text, with too much of it, and for an unknown event", async () => {
    for (const text of ["", "  ", "x".repeat(501), "\ud800"]) expect((await add({ text })).status).toBe(400);
    expect((await add({ text: "x" }, guard, "/v1/events/evt_none/notes")).status).toBe(404);
    expect((await add({ text: "x" }, { ...guard, "idempotency-key": "with blank" })).status).toBe(400);
  });

  it("are refused if there are 50 already", async () => {
    for (let n = 0; n < 50; n++) await add({ text: `${n}` });
    const answer = await add({ text: "one more" });
    expect([answer.status, await answer.json()]).toMatchObject([409, { code: "too-many" }]);
  });
});
