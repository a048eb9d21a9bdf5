import { describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { runtime } from "./support.ts";

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
    const answer = await deps.ask(path, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
  };
  return { ask };
}

describe("mappings over HTTP", () => {
  it("are made, read, changed and removed", async () => {
    const { ask } = await asAdministrator();
    const { status, body: made } = await ask("POST", "/v1/mappings", gate);
    expect([status, made]).toMatchObject([201, { ...gate, when: { has: [], is: { op: "pass" } }, rev: 1, box: null }]);
    expect((await ask("GET", `/v1/mappings/${made.id}`)).body).toEqual(made);
    const changed = await ask("PUT", `/v1/mappings/${made.id}`, { ...made, name: "North", isOn: false });
    expect(changed).toMatchObject({ status: 200, body: { name: "North", isOn: false, rev: 2 } });
    expect((await ask("GET", "/v1/mappings")).body).toEqual({ mappings: [changed.body] });
    expect((await ask("DELETE", `/v1/mappings/${made.id}`)).status).toBe(204);
    expect((await ask("DELETE", `/v1/mappings/${made.id}`)).status).toBe(404);
    expect((await ask("GET", `/v1/mappings/${made.id}`)).status).toBe(404);
    expect((await ask("PUT", `/v1/mappings/${made.id}`, made)).status).toBe(404);
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
    [[], /must be an object/],
  ])("are refused with the member and what it may be: %j", async (wrong, sentence) => {
    const { ask } = await asAdministrator();
    const { status, body } = await ask("POST", "/v1/mappings", wrong);
    expect([status, body.detail]).toEqual([400, expect.stringMatching(sentence)]);
  });

  it("are at most 100", async () => {
    const { ask } = await asAdministrator();
    for (let count = 0; count < 100; count++) await ask("POST", "/v1/mappings", gate);
    expect(await ask("POST", "/v1/mappings", gate)).toMatchObject({ status: 409, body: { code: "too-many" } });
  });
});
