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
