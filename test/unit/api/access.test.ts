import { api } from "@gatepost/api";
import { newToken } from "@gatepost/core/keys";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

const listedKey = z.object({ scope: z.string(), lastUsedAt: z.string().nullable() });

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

const reading = [
  "GET /v1/events",
  "GET /v1/events?order=received",
  "GET /v1/events/x",
  "GET /v1/events/x/neighbours",
  "GET /v1/events/count",
  "PUT /v1/events/x/seen",
  "GET /v1/events/x/pictures/face",
  "GET /v1/actions",
  "GET /v1/actions/x",
  "GET /v1/quarantine",
  "GET /v1/quarantine/x",
  "GET /v1/quarantine/groups",
  "GET /v1/quarantine/x/pictures/reg_pic",
  "GET /v1/counts",
  "GET /v1/stats",
  "GET /v1/flags",
  "DELETE /v1/tickets",
  "GET /SophonDevice/api/Devices",
];
const administering = [
  "GET /v1/keys",
  "POST /v1/keys",
  "DELETE /v1/keys/x",
  "POST /v1/quarantine/x/replay",
  "DELETE /v1/events/x",
  "DELETE /v1/people?id=77&all=1",
];

function ask(route: string, options: Parameters<TestRuntime["ask"]>[1] = {}) {
  const [method = "", path = ""] = route.split(" ");
  return deps.ask(path, { method, ...options });
}

describe.each(reading)("%s", (route) => {
  it("is open to a read key and an admin key", async () => {
    for (const token of [deps.tokens.read, deps.tokens.admin]) {
      expect([200, 201, 204, 404]).toContain((await ask(route, { token })).status);
    }
  });

  it("is closed to the key of a box", async () => {
    const answer = await ask(route, { token: deps.tokens.ingest });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({
      detail: expect.stringMatching(/^this is a key to ingest; use one of scope read or (?:settle or )?admin$/),
    });
  });
});

describe.each(administering)("%s", (route) => {
  it("is open to an admin key alone", async () => {
    expect((await ask(route, { token: deps.tokens.read })).status).toBe(403);
    expect((await ask(route, { token: deps.tokens.ingest })).status).toBe(403);
    expect([200, 400, 404]).toContain((await ask(route)).status);
  });
});

describe.each([...reading, ...administering])("%s without a live key", (route) => {
  it.each([
    ["none", ""],
    ["an unknown one", `Bearer ${newToken("admin")}`],
    ["another way of authentication", "Basic Z3BhXzo="],
    ["an endless one", `Bearer ${"x".repeat(10_000)}`],
    ["bytes", "Bearer \u00ff\u0080"],
  ])("%s", async (_, authorization) => {
    const answer = await ask(route, { headers: { authorization } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="gatepost"');
    expect(await answer.json()).toMatchObject({ title: "Unauthorized" });
  });
});

it("reads `Authorization` in any case", async () => {
  expect((await ask("GET /v1/events", { headers: { authorization: `bearer  ${deps.tokens.read}` } })).status).toBe(200);
});

it("guessing is slowed down by address, and live keys are not", async () => {
  const guess = () => ask("GET /v1/events", { token: newToken("read") });
  for (let n = 0; n < 30; n++) expect((await guess()).status).toBe(401);
  const refused = await guess();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await ask("GET /v1/events")).status).toBe(200);
});

describe("any answer", () => {
  it.each([
    ["GET /v1/events", 200],
    ["GET /healthz", 200],
    ["POST /v1/people", 405],
    ["GET /v1/nothing", 404],
    ["GET /v1/events/", 404],
    ["GET /v1/events/x%00%ZZ/../y", 404],
    ["PUT /v1/events", 405],
    ["DELETE /v1/actions", 405],
    ["HEAD /v1/events", 200],
  ])("to %s is guarded", async (route, status) => {
    const answer = await ask(route);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
  });

  it("to a wrong method names the right ones", async () => {
    expect((await ask("PUT /v1/keys")).headers.get("allow")).toBe("POST, GET, HEAD");
    expect((await ask("OPTIONS /v1/events")).headers.get("allow")).toBe("GET, HEAD");
  });
});

it("is well without a key", async () => {
  const answer = await ask("GET /healthz", { headers: { authorization: "" } });
  expect(await answer.json()).toEqual({ status: "ok" });
});

it("the health page gives the reason if nothing can be stored, without a key", async () => {
  deps.deps.health.reason = async () => "the disk is full";
  const answer = await ask("GET /healthz", { headers: { authorization: "" } });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  expect(await answer.json()).toMatchObject({ status: 503, detail: "the disk is full" });
  expect(deps.lines).toEqual([]);
});

it("only the log contains the failure of a store", async () => {
  deps.deps.events.list = () => Promise.reject(new Error("disk full at /secret/place"));
  const answer = await ask("GET /v1/events");
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await answer.text()).not.toContain("secret");
  expect(deps.lines).toEqual([
    { level: "error", message: "request not answered", facts: { cause: expect.any(Error) } },
  ]);
});

it("a request whose key's use cannot be noted is refused, the next answered", async () => {
  const note = vi.spyOn(deps.deps.keys, "noteUse").mockRejectedValueOnce(new Error("disk full"));
  expect((await ask("GET /v1/events")).status).toBe(503);
  expect((await ask("GET /v1/events")).status).toBe(200);
  note.mockRestore();
});

it("only a live key that may use the route is reported as admitted", async () => {
  const onAdmitted = vi.fn();
  const withKey = async (token: string, path = "/v1/events") =>
    (await api(deps.deps).request(path, { headers: { authorization: `Bearer ${token}` } }, { onAdmitted })).status;
  expect(await withKey(newToken("read"))).toBe(401);
  expect(await withKey(deps.tokens.ingest)).toBe(403);
  expect(await withKey(deps.tokens.read, "/v1/keys")).toBe(403);
  expect(onAdmitted).not.toHaveBeenCalled();
  expect(await withKey(deps.tokens.read)).toBe(200);
  expect(onAdmitted).toHaveBeenCalledTimes(1);
});

it("only the use of an accepted key is noted", async () => {
  const used = async () => {
    const { keys } = z.object({ keys: z.array(listedKey) }).parse(await (await deps.ask("/v1/keys")).json());
    return keys.filter(({ lastUsedAt }) => lastUsedAt !== null).map(({ scope }) => scope);
  };
  await ask("GET /v1/events", { token: deps.tokens.ingest });
  await ask("GET /v1/keys", { token: deps.tokens.read });
  expect(await used()).toEqual(["admin"]);
  await ask("GET /v1/events", { token: deps.tokens.read });
  expect(await used()).toEqual(["read", "admin"]);
});

it.each([
  ["/v1/accounts", "guard", "administrator"],
  ["/v1/rules", "guard", "manager"],
  ["/v1/people?id=77", "manager", "administrator"],
] as const)("says which role %s takes", async (path, role, wanted) => {
  const answer = await deps.ask(path, { headers: await signedIn(deps, await addAccount(deps, role)) });
  expect([answer.status, await answer.json()]).toMatchObject([
    403,
    { detail: `your role does not include this; it takes the role ${wanted}`, code: "role" },
  ]);
});
