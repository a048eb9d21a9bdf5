import { expect, it, vi } from "vitest";
import { openDoor } from "./support.ts";

const noted = "gatepost-session";
const now = "2026-11-20T08:00:00.000Z";
const account = {
  id: "acc_1",
  name: "Jonas Keller",
  email: "jonas@example.com",
  role: "guard",
  sites: null,
  boxes: null,
};
const about = { account, key: null, now, server: { people: true } };

/** Opens the page at `#/events`, and asks the server about the user as at its start. */
async function start(me: object | number, isNoted: boolean) {
  const asked: string[] = [];
  const server = { me };
  openDoor(({ method, path }) => {
    asked.push(`${method} ${path}`);
    return path === "/v1/me" ? server.me : 204;
  });
  vi.stubGlobal("addEventListener", () => {});
  Object.assign(location, { hash: "#/events" });
  if (isNoted) localStorage.setItem(noted, "1");
  const session = await import("../../../packages/console/src/state/session.ts");
  const { openPages } = await import("../../../packages/console/src/state/role.ts");
  session.signInFromAddress();
  await expect.poll(() => session.isAsking.value).toBe(false);
  return { ...session, asked, server, openPages };
}

it("asks for no session that the browser was not given", async () => {
  const { asked, session } = await start(about, false);
  expect([asked, session.value]).toEqual([[], null]);
});

it("continues the session that the browser was given, with the pages of the role", async () => {
  const { me, session, openPages } = await start(about, true);
  expect(session.value).not.toBeNull();
  expect(me.value?.account?.name).toBe("Jonas Keller");
  expect(openPages.value).toEqual(["live", "events", "actions", "settings"]);
});

it("forgets a session that has ended meanwhile", async () => {
  const { session, signedOut } = await start(401, true);
  expect([session.value, signedOut.value, localStorage.getItem(noted)]).toEqual([null, null, null]);
});

it("says that a session has ended, and asks for it no more", async () => {
  const { gatepost, server, session, signedOut } = await start(about, true);
  server.me = 401;
  await expect(gatepost().ask("GET /v1/me")).rejects.toThrow("");
  expect([session.value, signedOut.value?.because, localStorage.getItem(noted)]).toEqual([null, "ended", null]);
});

it("ends the session at the server when the person signs out", async () => {
  const { asked, signOut, session } = await start(about, true);
  signOut();
  expect(session.value).toBeNull();
  await expect.poll(() => asked).toContain("DELETE /v1/sessions/current");
});

const setup = { ...about, account: null, key: { id: "setup", scope: "admin" } };

/** Opens a sign-in link, and resolves once the page knows whether it signs in. */
async function follow(link: string, answers: Record<string, object | number>, isNoted = false) {
  const asked: string[] = [];
  const shown: string[] = [];
  openDoor(({ method, path }) => {
    asked.push(`${method} ${path}`);
    return answers[path] ?? 204;
  });
  vi.stubGlobal("addEventListener", () => {});
  vi.stubGlobal("history", { replaceState: (_: unknown, __: string, address: string) => shown.push(address) });
  Object.assign(location, { hash: link });
  if (isNoted) localStorage.setItem(noted, "1");
  const session = await import("../../../packages/console/src/state/session.ts");
  session.signInFromAddress();
  expect(shown).toHaveLength(1);
  await expect.poll(() => session.isAsking.value).toBe(false);
  return { ...session, asked, shown };
}

it("exchanges the code of a first link for a session", async () => {
  const { asked, shown, me, hasKey } = await follow("#setup=gps_code", { "/v1/me": setup });
  expect([asked, shown]).toEqual([["POST /v1/sign-in/setup", "GET /v1/me"], ["/#/setup"]]);
  expect([me.value?.key?.id, hasKey(), localStorage.getItem(noted)]).toEqual(["setup", false, "1"]);
});

it("exchanges the key of a link for a session, and keeps it nowhere", async () => {
  const key = { ...setup, key: { id: "key_1", scope: "read" } };
  const { asked, shown, hasKey, isKept } = await follow("#token=gpr_key", { "/v1/me": key });
  expect([asked, shown]).toEqual([["POST /v1/sign-in/key", "GET /v1/me"], ["/#/live"]]);
  expect([hasKey(), isKept()]).toEqual([false, false]);
});

it("keeps the read key of a screen, which opens again without a person", async () => {
  const { asked, hasKey, isKept } = await follow("#token=gpr_key&screen=m", { "/v1/me": setup });
  expect([asked, hasKey(), isKept()]).toEqual([["GET /v1/me"], true, true]);
});

it("a used first link leads back to the session of this browser", async () => {
  const { session, signedOut } = await follow("#setup=gps_code", { "/v1/sign-in/setup": 410, "/v1/me": setup }, true);
  expect([session.value === null, signedOut.value]).toEqual([false, null]);
});

it.each([
  ["#setup=gps_code", "/v1/sign-in/setup", 410, "used"],
  ["#setup=gps_code", "/v1/sign-in/setup", 429, "too-many"],
  ["#setup=gps_code", "/v1/sign-in/setup", 503, "unreachable"],
  ["#token=gpa_key", "/v1/sign-in/key", 401, "unknown"],
  ["#token=gpr_key", "/v1/sign-in/key", 403, "ingest"],
] as const)("the refusal of %s at %s by %i is shown as %s", async (link, path, status, because) => {
  const { session, signedOut } = await follow(link, { [path]: status });
  expect([session.value, signedOut.value?.because]).toEqual([null, because]);
});

it.each([
  ["#setup=gps_code", "/v1/sign-in/setup"],
  ["#token=gpa_key", "/v1/sign-in/key"],
])("says of %s that the server does not know the address of the page", async (link, path) => {
  const refusal = Response.json({ detail: "from another site", code: "other-site" }, { status: 403 });
  const { session, signedOut } = await follow(link, { [path]: refusal });
  expect([session.value, signedOut.value?.because]).toEqual([null, "other-site"]);
});

/** A server that asks for a proof before it makes a key. */
async function startUnproved(needs: readonly string[]) {
  const server = { isProved: false };
  const asked: string[] = [];
  openDoor(({ method, path, body }) => {
    asked.push(`${method} ${path} ${body}`);
    if (path === "/v1/me") return about;
    return server.isProved ? { id: "key_1" } : Response.json({ code: "factor-needed", needs }, { status: 403 });
  });
  vi.stubGlobal("addEventListener", () => {});
  const session = await import("../../../packages/console/src/state/session.ts");
  const { askedProof } = await import("../../../packages/console/src/state/proof.ts");
  await session.signInByCookie();
  asked.length = 0;
  const make = () => session.gatepost().ask("POST /v1/keys", { body: { scope: "admin" } });
  return { ...session, server, asked, askedProof, make };
}
const sent = 'POST /v1/keys {"scope":"admin"}';

it("asks once for a proof for all requests that need one, and sends each again as it was", async () => {
  const { server, asked, askedProof, make } = await startUnproved(["password"]);
  const made = [make(), make()];
  await expect.poll(() => askedProof.value?.needs).toEqual(["password"]);
  server.isProved = true;
  askedProof.value?.end(true);
  expect(await Promise.all(made)).toEqual([{ id: "key_1" }, { id: "key_1" }]);
  expect([asked, askedProof.value]).toEqual([[sent, sent, sent, sent], null]);
});

it("refuses a request for which the person gives no proof, and asks again for the next", async () => {
  const { asked, askedProof, make } = await startUnproved(["password"]);
  for (let n = 0; n < 2; n++) {
    const made = expect(make()).rejects.toMatchObject({ status: 403, code: "factor-needed" });
    await expect.poll(() => askedProof.value).not.toBeNull();
    askedProof.value?.end(false);
    await made;
  }
  expect(asked).toEqual([sent, sent]);
});

it("asks for no proof that there is no way to give", async () => {
  const { askedProof, make } = await startUnproved([]);
  await expect(make()).rejects.toMatchObject({ status: 403 });
  expect(askedProof.value).toBeNull();
});

it("sends nothing again for a person who signed out meanwhile", async () => {
  const { asked, askedProof, make, signOut } = await startUnproved(["password"]);
  const made = expect(make()).rejects.toMatchObject({ status: 403 });
  await expect.poll(() => askedProof.value).not.toBeNull();
  signOut();
  askedProof.value?.end(true);
  await made;
  expect(asked.filter((request) => request === sent)).toEqual([sent]);
});
