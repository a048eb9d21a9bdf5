import { beforeEach, describe, expect, it } from "vitest";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;

beforeEach(async () => {
  deps = await runtime();
});

function create(body: unknown, options = {}) {
  return deps.ask("/v1/keys", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...options,
  });
}

describe("a key", () => {
  it("a key is made for a box, shows its token once, and can be revoked", async () => {
    const answer = await create({ scope: "read" });
    expect(answer.status).toBe(201);
    const made = (await answer.json()) as { id: string; scope: string; box: null; token: string };
    expect(made).toEqual({ id: made.id, scope: "read", box: null, token: expect.stringMatching(/^gpr_/) });
    expect((await deps.ask("/v1/events", { token: made.token })).status).toBe(200);
    expect(await (await deps.ask("/v1/keys")).text()).not.toContain(made.token);
    const revoked = await deps.ask(`/v1/keys/${made.id}`, { method: "DELETE" });
    expect([revoked.status, await revoked.text()]).toEqual([204, ""]);
    expect((await deps.ask("/v1/events", { token: made.token })).status).toBe(401);
    expect(JSON.stringify(deps.lines)).not.toContain(made.token);
  });

  it("a key is listed with its times of creation and revocation", async () => {
    const { keys } = (await (await deps.ask("/v1/keys")).json()) as { keys: object[] };
    expect(keys).toHaveLength(3);
    expect(keys).toContainEqual({
      id: expect.any(String),
      scope: "ingest",
      box: "gate-1",
      createdAt: expect.any(String),
      lastUsedAt: null,
      revokedAt: null,
    });
  });

  it("keys are listed in pages if requested, and otherwise all at once", async () => {
    const list = async (query = "") => {
      const answer = await deps.ask(`/v1/keys${query}`);
      return (await answer.json()) as { keys: object[]; next: string | null };
    };
    const all = await list();
    expect(all).toMatchObject({ keys: { length: 3 }, next: null });
    const first = await list("?limit=2");
    const second = await list(`?cursor=${first.next}`);
    expect([...first.keys, ...second.keys]).toEqual(all.keys);
    expect([first.keys.length, second.next]).toEqual([2, null]);
    expect((await deps.ask("/v1/keys?limit=0")).status).toBe(400);
    expect((await deps.ask(`/v1/events?cursor=${first.next}`)).status).toBe(400);
  });

  it("a key is listed with its limits", async () => {
    for (const rate of [{ perSecond: 2.5 }, { perSecond: 5, burst: 20 }]) {
      const answer = await create({ scope: "ingest", box: "gate-1", rate, dailyBytes: 1024 });
      expect(Object.keys((await answer.json()) as object)).toEqual(["id", "scope", "box", "token"]);
    }
    const { keys } = (await (await deps.ask("/v1/keys")).json()) as { keys: object[] };
    for (const rate of [
      { perSecond: 2.5, burst: 3 },
      { perSecond: 5, burst: 20 },
    ])
      expect(keys).toContainEqual(expect.objectContaining({ rate, dailyBytes: 1024 }));
  });

  it("a key is listed with note, expiry and boxes, each box once", async () => {
    await create({
      scope: "read",
      note: " the guard desk ",
      expiresAt: "2026-11-06T04:00:00+08:00",
      boxes: ["gate-1", "Cafe\u0301", "Café"],
    });
    const { keys } = (await (await deps.ask("/v1/keys")).json()) as { keys: object[] };
    const listed = { note: "the guard desk", expiresAt: "2026-11-05T20:00:00.000Z", boxes: ["gate-1", "Café"] };
    expect(keys).toContainEqual(expect.objectContaining(listed));
  });

  it("an expired key is refused, and the refusal gives the reason", async () => {
    const made = await create({ scope: "read", expiresAt: "2026-11-05T04:00:02Z" });
    const { token } = (await made.json()) as { token: string };
    deps.ingest.now = Date.parse("2026-11-05T04:00:01.999Z");
    expect((await deps.ask("/v1/events", { token })).status).toBe(200);
    deps.ingest.now += 1;
    const over = await deps.ask("/v1/events", { token });
    expect([over.status, await over.json()]).toMatchObject([401, { code: "expired" }]);
  });

  it("a revoked key and an unknown key give different codes", async () => {
    deps.ingest.revoke(deps.tokens.read);
    const codeFor = async (token: string) =>
      ((await (await deps.ask("/v1/me", { token })).json()) as { code?: string }).code;
    expect(await codeFor(deps.tokens.read)).toBe("revoked");
    expect(await codeFor(`gpr_${"x".repeat(27)}`)).toBe("unknown");
    expect(await codeFor("nonsense")).toBe("unknown");
    const without = await deps.ask("/v1/me", { headers: { authorization: "" } });
    expect(await without.json()).not.toHaveProperty("code");
  });

  it.each([
    { rate: { perSecond: 0 } },
    { rate: { perSecond: -1 } },
    { rate: { perSecond: 1, burst: 0 } },
    { rate: { perSecond: 1, burst: 1.5 } },
    { rate: { perSecond: 1, every: "day" } },
    { rate: 5 },
    { rate: null },
    { dailyBytes: 0 },
    { dailyBytes: "1gb" },
    { dailyBytes: 1e300 },
    { scope: "read", box: null, dailyBytes: 1 },
    { scope: "admin", box: null, rate: { perSecond: 1 } },
  ])("a key with the limits %j is refused", async (wrong) => {
    expect((await create({ scope: "ingest", box: "gate-1", ...wrong })).status).toBe(400);
  });

  it("an unknown key cannot be revoked", async () => {
    expect((await deps.ask("/v1/keys/none", { method: "DELETE" })).status).toBe(404);
  });
});

describe("the name of a box", () => {
  it.each(["gate-1", "门-2", "Café", "a", "9.b_c", "x".repeat(64)])("a box may be named %s", async (box) => {
    const answer = await create({ scope: "ingest", box });
    expect(await answer.json()).toMatchObject({ scope: "ingest", box });
  });

  it("the name of a box is the same in any form of its accents", async () => {
    const answer = await create({ scope: "ingest", box: "Cafe\u0301" });
    expect(await answer.json()).toMatchObject({ box: "Café" });
  });

  it.each(["", "-a", ".a", "a/b", "a b", "a\n", "a\0", "../a", "x".repeat(65), "<b>", "\ud800"])(
    "a box may not be named %j",
    async (box) => {
      const answer = await create({ scope: "ingest", box });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining("box: must be 1 to 64 letters") });
    },
  );
});

describe("the request for a new key", () => {
  it.each([
    [{ scope: "ingest" }, "box: name the box"],
    [{ scope: "read", box: "gate-1" }, "box: only an ingest key is for a box"],
    [{ scope: "root" }, "scope: "],
    [{ scope: "read", colour: "x" }, "colour"],
    [{ scope: "read", note: "" }, "note: leave it out"],
    [{ scope: "read", note: "x".repeat(201) }, "note"],
    [{ scope: "read", note: `for gpa_${"x".repeat(27)}` }, "note: must not be a key"],
    [{ scope: "read", expiresAt: "2027-01-31" }, "expiresAt: must be a time with its zone"],
    [{ scope: "read", expiresAt: "tomorrow" }, "expiresAt: must be a time with its zone"],
    [{ scope: "read", expiresAt: "2026-11-05T04:00:01Z" }, "expiresAt: must be later than now"],
    [{ scope: "read", boxes: [] }, "boxes: name a box"],
    [{ scope: "read", boxes: ["../gate"] }, "boxes.0: must be 1 to 64 letters"],
    [{ scope: "read", boxes: Array.from({ length: 51 }, (_, n) => `gate-${n}`) }, "boxes"],
    [{ scope: "read", boxes: "gate-1" }, "boxes"],
    [{ scope: "read", boxes: ["gate-1"], site: "east" }, "site: only a read key without boxes"],
    [{ scope: "admin", site: "east" }, "site: only a read key without boxes"],
    [{ scope: "read", site: " " }, "site: must not be empty"],
    [{ scope: "read", site: "x".repeat(65) }, "site"],
    [{ scope: "admin", boxes: ["gate-1"] }, "boxes: only a read key is limited"],
    [{ scope: "ingest", box: "gate-1", boxes: ["gate-1"] }, "boxes: only a read key is limited"],
    [[], "must be an object"],
    [null, "must be an object"],
    ["{", "the body must be JSON in UTF-8"],
    ["", "the body must be JSON in UTF-8"],
  ])("%j is refused", async (body, refusal) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining(refusal) });
  });

  it("a request for a key has at most 64 KB with any content-length header", async () => {
    const chunk = new TextEncoder().encode(" ".repeat(1024));
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(chunk);
      },
    });
    const answer = await deps.ask("/v1/keys", { method: "POST", body: endless, headers: { "content-length": "10" } });
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ title: "Payload Too Large", detail: "the body may have 64 KB" });
    expect(sent).toBeLessThan(70);
  });
});

describe("a key for a screen", () => {
  const screen = { scope: "read", site: "hq", for: "screen" };
  const inDays = (days: number) => new Date(deps.deps.clock() + days * 86_400_000).toISOString();

  it("is made by a manager of the site, with a link and an end", async () => {
    const headers = await signedIn(deps, await addAccount(deps, "manager", { sites: ["hq"] }));
    const answer = await create(screen, { headers: { ...headers, host: "gatepost.example" } });
    const { token, signIn } = (await answer.json()) as { token: string; signIn: string };
    expect(answer.status).toBe(201);
    // What fails is not printed: a token belongs into no log.
    expect(signIn === `http://gatepost.example/#token=${token}&screen=m`).toBe(true);
    const { key } = (await (await deps.ask("/v1/me", { token })).json()) as { key: object };
    expect(key).toMatchObject({ scope: "read", site: "hq", expiresAt: inDays(30) });
  });

  it("is the only key that a manager makes, and only for a whole site", async () => {
    const headers = await signedIn(deps, await addAccount(deps, "manager", { sites: ["hq"] }));
    const { for: _, ...read } = screen;
    for (const body of [read, { scope: "admin" }, { ...screen, site: "depot" }]) {
      expect((await create(body, { headers })).status).toBe(403);
    }
    const ofBox = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
    expect((await create(screen, { headers: ofBox })).status).toBe(403);
  });

  it.each([
    { ...screen, scope: "admin" },
    { scope: "read", for: "screen" },
    { ...screen, people: true },
    { ...screen, expiresAt: "2999-01-01T00:00:00Z" },
    { ...screen, for: "wall" },
  ])("is refused as %o", async (body) => {
    expect((await create(body)).status).toBe(400);
  });
});
