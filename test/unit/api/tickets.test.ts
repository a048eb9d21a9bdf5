import { api } from "@gatepost/api";
import { beforeEach, describe, expect, it } from "vitest";
import { documented } from "../../../packages/api/src/api.ts";
import { runtime, seen, type TestRuntime } from "./support.ts";

describe("a cookie for pictures", () => {
  let deps: TestRuntime;
  let picture: string;
  beforeEach(async () => {
    deps = await runtime();
    await deps.deliver(seen);
    picture = `/v1/events/${deps.ingest.events()[0]?.id}/pictures/face`;
  });

  const wanted = { method: "POST", body: JSON.stringify({ for: "pictures" }) };
  const cookieFor = async (token: string) => {
    const answer = await deps.ask("/v1/tickets", { ...wanted, token });
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    return answer.headers.get("set-cookie") ?? "";
  };
  const statusWith = async (path: string, cookie: string, method = "GET") =>
    (await deps.ask(path, { method, headers: { authorization: "", cookie } })).status;

  it("the cookie is hidden from scripts, other sites and paths, and lasts an hour", async () => {
    const cookie = await cookieFor(deps.tokens.read);
    expect(cookie).toMatch(
      /^gatepost_pictures=gpc_[\w-]{27}; HttpOnly; SameSite=Strict; Path=\/v1\/events; Max-Age=3600$/,
    );
    const secure = await api(deps.deps).request(
      "/v1/tickets",
      { ...wanted, headers: { authorization: `Bearer ${deps.tokens.read}` } },
      { isHttps: true },
    );
    expect(secure.headers.get("set-cookie")).toMatch(/; Max-Age=3600; Secure$/);
    const below = await deps.ask("/v1/tickets", { ...wanted, by: { basePath: "/gate" } });
    expect(below.headers.get("set-cookie")).toContain("; Path=/gate/v1/events;");
    expect(await statusWith(picture, `a=b; ${cookie.split(";")[0]}; c=d`)).toBe(200);
    deps.ingest.now += 60 * 60 * 1000 - 1;
    expect(await statusWith(picture, cookie)).toBe(200);
    deps.ingest.now += 1;
    expect(await statusWith(picture, cookie)).toBe(401);
  });

  it("the cookie opens pictures, and no other route by any method", async () => {
    const cookie = await cookieFor(deps.tokens.admin);
    for (const { method, path, who } of documented) {
      if (who === undefined || path.includes("/pictures/")) continue;
      // This keeps the failures per minute below the limit.
      deps.ingest.now += 3000;
      const address = path.replace(":id", deps.ingest.events()[0]?.id ?? "").replace(/:\w+/, "x");
      // So many wrong keys would exceed the limit per minute.
      deps.ingest.now += 3000;
      expect([method, path, await statusWith(address, cookie, method)]).toEqual([method, path, 401]);
      // A client that fails too often within a minute gets another refusal.
      deps.ingest.now += 3000;
    }
    expect(await statusWith(picture, cookie, "HEAD")).toBe(401);
    expect(await statusWith(picture, cookie)).toBe(200);
  });

  it("the cookie opens only pictures that its key may see", async () => {
    const limited = deps.ingest.addKey("read", null, { boxes: ["gate-2"] });
    expect(await statusWith(picture, await cookieFor(limited))).toBe(404);
    expect(await statusWith(picture, await cookieFor(deps.ingest.addKey("read", null, { boxes: ["gate-1"] })))).toBe(
      200,
    );
  });

  it("the cookie ends with its key, and is no key", async () => {
    const cookie = await cookieFor(deps.tokens.read);
    const value = /gpc_[\w-]+/.exec(cookie)?.[0] ?? "";
    expect((await deps.ask(picture, { token: value })).status).toBe(401);
    deps.ingest.revoke(deps.tokens.read);
    expect(await statusWith(picture, cookie)).toBe(401);
  });

  it("signing out ends the cookie, and clears the browser's cache", async () => {
    const [cookie, other] = [await cookieFor(deps.tokens.read), await cookieFor(deps.tokens.admin)];
    const answer = await deps.ask("/v1/tickets", { method: "DELETE", token: deps.tokens.read });
    expect([answer.status, answer.headers.get("clear-site-data")]).toEqual([204, '"cache"']);
    expect(answer.headers.get("set-cookie")).toMatch(/^gatepost_pictures=; .*Path=\/v1\/events; Max-Age=0$/);
    expect([await statusWith(picture, cookie), await statusWith(picture, other)]).toEqual([401, 200]);
  });

  it.each([
    "",
    "gatepost_pictures=",
    "gatepost_pictures=gpc_x",
    `gatepost_pictures=gpc_${"x".repeat(27)}`,
    "x".repeat(9999),
  ])("a cookie of %j is refused", async (cookie) => {
    expect(await statusWith(picture, cookie)).toBe(401);
  });

  it.each(['{"for":"live"}', "", "[]", '{"for":"pictures","more":1}', "{"])(
    "a request for a cookie with %j is refused",
    async (body) => {
      expect((await deps.ask("/v1/tickets", { method: "POST", body })).status).toBe(400);
    },
  );
});

it("devices are listed in an SE5's form, for a key in the query", async () => {
  const deps = await runtime();
  await deps.deliver(seen);
  const path = "/SophonDevice/api/Devices";
  const answer = await deps.ask(`${path}?token=${deps.tokens.read}`, { headers: { authorization: "" } });
  expect(await answer.json()).toEqual({ data: { devices_list: [{ device_id: "AKOPKKKKK__192.168.1.25" }] } });
  expect((await deps.ask(path, { headers: { authorization: "" } })).status).toBe(401);
  expect((await deps.ask(`${path}?token=${deps.tokens.ingest}`, { headers: { authorization: "" } })).status).toBe(403);
  expect((await deps.ask(`/v1/events?token=${deps.tokens.read}`, { headers: { authorization: "" } })).status).toBe(401);
});
