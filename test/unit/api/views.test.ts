import { describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime, told } from "./support.ts";

const night = { name: "Strangers at night", address: "#/events?type=stranger" };

/** Asks as a new person of this role. */
async function as(deps: TestRuntime, role: "guard" | "manager", boxes: string[] | null = null) {
  const id = await addAccount(deps, role, { boxes });
  const headers = await signedIn(deps, id);
  const ask = async (method: string, path: string, body?: object) => {
    return told(deps, path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  };
  const names = async () => (await ask("GET", "/v1/views")).body.views.map(({ name }: { name: string }) => name);
  return { id, ask, names };
}

describe("views over HTTP", () => {
  it("are saved, changed and removed by the person whose they are", async () => {
    const deps = await runtime();
    const [ann, ben] = [await as(deps, "guard"), await as(deps, "guard")];
    const { status, body: view } = await ann.ask("POST", "/v1/views", night);
    expect([status, view]).toEqual([201, { id: expect.stringMatching(/^view_/), ...night, isForEverybody: false }]);
    expect(await ann.names()).toEqual([night.name]);
    expect(await ben.names()).toEqual([]);
    expect((await ben.ask("PATCH", `/v1/views/${view.id}`, { name: "mine" })).status).toBe(404);
    expect((await ben.ask("DELETE", `/v1/views/${view.id}`)).status).toBe(404);
    const changed = await ann.ask("PATCH", `/v1/views/${view.id}`, { address: "#/events?type=vip" });
    expect(changed).toMatchObject({ status: 200, body: { name: night.name, address: "#/events?type=vip" } });
    expect((await ann.ask("DELETE", `/v1/views/${view.id}`)).status).toBe(204);
    expect(await ann.names()).toEqual([]);
  });

  it("are shared by managers who see every box", async () => {
    const deps = await runtime();
    const [manager, other] = [await as(deps, "manager"), await as(deps, "manager")];
    const [guard, limited] = [await as(deps, "guard"), await as(deps, "manager", ["gate-1"])];
    const shared = { ...night, isForEverybody: true };
    const { body: view } = await manager.ask("POST", "/v1/views", shared);
    expect(await Promise.all([guard.names(), limited.names()])).toEqual([[night.name], [night.name]]);
    for (const { ask } of [guard, limited]) {
      const refused = { status: 403, body: { code: "role" } };
      expect(await ask("POST", "/v1/views", shared)).toMatchObject(refused);
      expect(await ask("PATCH", `/v1/views/${view.id}`, { name: "x" })).toMatchObject(refused);
      expect(await ask("DELETE", `/v1/views/${view.id}`)).toMatchObject(refused);
    }
    expect((await other.ask("DELETE", `/v1/views/${view.id}`)).status).toBe(204);
    expect(await guard.names()).toEqual([]);
  });

  it("end with the account, except the shared ones", async () => {
    const deps = await runtime();
    const manager = await as(deps, "manager");
    await manager.ask("POST", "/v1/views", night);
    await manager.ask("POST", "/v1/views", { ...night, isForEverybody: true });
    await deps.ask(`/v1/accounts/${manager.id}`, { method: "DELETE" });
    expect((await deps.deps.views.list(manager.id)).map(({ isForEverybody }) => isForEverybody)).toEqual([true]);
  });

  it.each([
    ["an address of another site", { address: "https://evil.example/" }],
    ["a script", { address: "javascript:alert(1)" }],
    ["a sign-in link", { address: "#token=gpr_aaaaaaaaaaaaaaaaaaaaaaaaaaa" }],
    ["a key", { address: `#/events?q=gpr_${"a".repeat(27)}` }],
    ["a line end in the address", { address: "#/events\r\nx: y" }],
    ["a long address", { address: `#/${"a".repeat(1999)}` }],
    ["an empty name", { name: " " }],
    ["a long name", { name: "a".repeat(65) }],
    ["invisible characters in the name", { name: "Gate\u202e1" }],
    ["an unknown member", { owner: "acc_1" }],
    ["a number as the name", { name: 1 }],
  ])("refuse %s", async (_, wrong) => {
    const guard = await as(await runtime(), "guard");
    expect((await guard.ask("POST", "/v1/views", { ...night, ...wrong })).status).toBe(400);
    expect(await guard.names()).toEqual([]);
  });

  it("refuse the 65th with what to do", async () => {
    const guard = await as(await runtime(), "guard");
    for (let count = 0; count < 64; count++) await guard.ask("POST", "/v1/views", night);
    expect(await guard.ask("POST", "/v1/views", night)).toMatchObject({
      status: 409,
      body: { code: "too-many", detail: expect.stringContaining("remove one") },
    });
  });
});
