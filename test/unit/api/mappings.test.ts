import { readdirSync, readFileSync } from "node:fs";
import { mappingSchema } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { noon, runtime, told } from "./support.ts";

const gate = {
  name: "Gate",
  when: { is: { op: "pass" } },
  fields: { time: { at: "ts" }, "person.id": { at: "uid" } },
};

async function asAdministrator() {
  const deps = await runtime();
  const id = await addAccount(deps, "administrator", { boxes: null });
  const headers = await signedIn(deps, id);
  const ask = async (method: string, path: string, body?: unknown) => {
    return told(deps, path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
  };
  return { ...deps, ask };
}

const unused = { today: 0, lastAt: null, isExact: true };

const examples = new URL("../../../examples/mappings/", import.meta.url);

describe("mappings over HTTP", () => {
  it.each(readdirSync(examples))("are made of examples/mappings/%s", async (file) => {
    const { ask } = await asAdministrator();
    const example = JSON.parse(readFileSync(new URL(file, examples), "utf8"));
    expect(await ask("POST", "/v1/mappings", example)).toMatchObject({ status: 201, body: { name: example.name } });
  });

  it("are made, read, changed and removed", async () => {
    const { ask } = await asAdministrator();
    const { status, body: made } = await ask("POST", "/v1/mappings", gate);
    expect([status, made]).toMatchObject([201, { ...gate, when: { has: [], is: { op: "pass" } }, rev: 1, box: null }]);
    const { body: read } = await ask("GET", `/v1/mappings/${made.id}`);
    expect(read).toEqual({ ...made, ...unused });
    const changed = await ask("PUT", `/v1/mappings/${made.id}`, { ...read, name: "North", isOn: false });
    expect(changed).toMatchObject({ status: 200, body: { name: "North", isOn: false, rev: 2 } });
    expect((await ask("GET", "/v1/mappings")).body).toEqual({ mappings: [{ ...changed.body, ...unused }] });
    expect((await ask("DELETE", `/v1/mappings/${made.id}`)).status).toBe(204);
    expect((await ask("DELETE", `/v1/mappings/${made.id}`)).status).toBe(404);
    expect((await ask("GET", `/v1/mappings/${made.id}`)).status).toBe(404);
    expect((await ask("PUT", `/v1/mappings/${made.id}`, made)).status).toBe(404);
  });

  it("have the number of their events of the day, and the last one", async () => {
    const { ask, deliver } = await asAdministrator();
    const [{ body: own }, { body: other }] = [
      await ask("POST", "/v1/mappings", { ...gate, box: "gate-1" }),
      await ask("POST", "/v1/mappings", { ...gate, when: { is: { op: "exit" } }, box: "gate-1" }),
    ];
    const at = (time: number) => Math.floor(time / 1000);
    for (const [uid, ts] of Object.entries({ a: noon, b: noon - 1000, c: noon - 5 * 3_600_000 }))
      await deliver({ op: "pass", uid, ts: at(ts) });
    const lastAt = new Date(noon).toISOString();
    expect(
      (await ask("GET", "/v1/mappings")).body.mappings.map(({ id, today, lastAt }: typeof own) => [id, today, lastAt]),
    ).toEqual(
      expect.arrayContaining([
        [own.id, 2, lastAt],
        [other.id, 0, null],
      ]),
    );
    expect((await ask("GET", `/v1/mappings/${own.id}?zone=Asia/Shanghai`)).body).toMatchObject({ today: 3, lastAt });
  });

  it("have an inexact use beyond the newest events", async () => {
    const { ask, deps } = await asAdministrator();
    const { body: made } = await ask("POST", "/v1/mappings", gate);
    const report = { kind: "history" as const, dialect: "se3-realtime" as const, receivedAt: noon, time: noon };
    const event = { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [report], actions: [] };
    deps.events.list = async (_, { limit }) => ({ items: Array.from({ length: limit }, () => event), next: "more" });
    expect((await ask("GET", `/v1/mappings/${made.id}`)).body).toMatchObject({
      today: 0,
      lastAt: null,
      isExact: false,
    });
  });

  it("are not overwritten by a second administrator", async () => {
    const { ask } = await asAdministrator();
    const { body: made } = await ask("POST", "/v1/mappings", gate);
    const both = await Promise.all(["A", "B"].map((name) => ask("PUT", `/v1/mappings/${made.id}`, { ...made, name })));
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body).toMatchObject({ code: "changed" });
  });

  it.each([
    [{ ...gate, fields: { "person.shoe": { at: "a" } } }, /person\.shoe/],
    [{ ...gate, fields: { time: { at: "a..b" } } }, /fields\.time\.at.*must be a path/],
    [{ ...gate, fields: { time: { at: "a", as: "YY" } } }, /fields\.time\.as.*must be one of auto/],
    [{ ...gate, when: {} }, /when.*at least one/],
    [{ ...gate, name: "" }, /name/],
    [{ ...gate, name: "a\u0007b" }, /name: must not have control or invisible characters/],
    [{ ...gate, name: "a\u202eb" }, /name: must not have control or invisible characters/],
    [{ ...gate, name: "\u200b" }, /name: must not have control or invisible characters/],
    [{ ...gate, box: "no box" }, /box: must be 1 to 64 letters/],
    [{ ...gate, box: "" }, /box: must be 1 to 64 letters/],
    [{ ...gate, fields: {} }, /fields: must have a field/],
    [[], /must be an object/],
  ])("are refused with the member and what it may be: %j", async (wrong, sentence) => {
    const { ask } = await asAdministrator();
    const { status, body } = await ask("POST", "/v1/mappings", wrong);
    expect([status, body.detail]).toEqual([400, expect.stringMatching(sentence)]);
  });

  it("are refused with these faults when they are changed, too", async () => {
    const { ask } = await asAdministrator();
    const { body: made } = await ask("POST", "/v1/mappings", gate);
    for (const wrong of [{ name: "a\u202eb" }, { box: "no box" }, { fields: {} }])
      expect((await ask("PUT", `/v1/mappings/${made.id}`, { ...made, ...wrong })).status).toBe(400);
  });

  it("are read if they were saved before such a fault was refused", async () => {
    const { ask, deps, deliver, ingest } = await asAdministrator();
    await deps.mappings.add(mappingSchema().parse({ ...gate, name: "a\u202eb", fields: {} }));
    await deliver({ op: "pass", uid: "7" });
    expect([ingest.events().length, (await ask("GET", "/v1/mappings")).body.mappings]).toMatchObject([
      1,
      [{ fields: {} }],
    ]);
  });

  it("name a box as its key does", async () => {
    const { ask, deliver, ingest } = await asAdministrator();
    const made = await ask("POST", "/v1/mappings", { ...gate, name: " Gate ", box: "gate-1" });
    expect(made.body).toMatchObject({ name: "Gate", box: "gate-1" });
    await deliver({ op: "pass", uid: "7" });
    expect(ingest.events()).toHaveLength(1);
    expect((await ask("POST", "/v1/mappings", { ...gate, box: "e\u0301" })).body.box).toBe("\u00e9");
  });

  it("are at most 100", async () => {
    const { ask } = await asAdministrator();
    for (let count = 0; count < 100; count++) await ask("POST", "/v1/mappings", gate);
    expect(await ask("POST", "/v1/mappings", gate)).toMatchObject({ status: 409, body: { code: "too-many" } });
  });
});
