import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { hashToken, newToken } from "@gatepost/core/keys";
import type { JsonObject } from "@gatepost/protocol";
import { authenticate, replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { boxRequest } from "../../support/http.ts";
import { jpeg } from "../../support/pictures.ts";
import { history, noon, realtime, received } from "../../support/reports.ts";
import { openedByTests } from "./temporary.ts";

const { openRuntimeHere, closers } = openedByTests();
let now = received;
let runtime: Awaited<ReturnType<typeof openRuntimeHere>>["runtime"];
let beside: DatabaseSync;
let token: string;
beforeEach(async () => {
  now = received;
  ({ runtime } = await openRuntimeHere({ clock: () => now }));
  beside = new DatabaseSync(runtime.folder.database, { readOnly: true });
  closers.push(async () => beside.close());
  token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
});

/** Delivers a body as a report. */
async function deliver(body: JsonObject) {
  const { box } = await authenticate(boxRequest({ path: `/${token}/HistoryEvent` }), runtime.ingest);
  const origin = { id: "", reason: "", path: "/HistoryEvent", headers: {}, event: null };
  const bytes = Buffer.from(JSON.stringify(body));
  const [outcome] = await replay({ ...origin, box, receivedAt: now, body: bytes }, runtime.ingest);
  return outcome?.event?.outcome ?? outcome?.quarantined?.reason;
}

/** The state that any write changes: another connection sees whether a page was committed, and how long the log is. */
const state = () => ({
  version: beside.prepare("PRAGMA data_version").get(),
  pages: beside.prepare("PRAGMA page_count").get(),
  logBytes: statSync(`${runtime.folder.database}-wal`).size,
});

const picture = jpeg(1).toString("base64");
const whole = history({ want_action: "1001" }, { recognize_face: picture });

describe("a report that is sent again", () => {
  it.each([
    ["as it was", [whole], "duplicate"],
    ["without pictures or action", [realtime()], "duplicate"],
    ["after another kind joined it", [realtime(), whole], "duplicate"],
    ["as a second face", [whole, history({}, { recognize_face: jpeg(2).toString("base64") })], "duplicate"],
    ["with a picture that cannot be read", [history({}, { recognize_face: "cut off" })], "duplicate"],
    ["and cannot be understood", [{ hello: "world" }], "unknown-shape"],
  ])("%s writes nothing, however often", async (_, bodies, outcome) => {
    for (const body of bodies) await deliver(body);
    const before = state();
    const { next } = await runtime.reads.feed.read(null, 10);
    const last = bodies.at(-1) ?? {};
    for (let time = 0; time < 200; time++) {
      now += 1;
      expect(await deliver(last)).toBe(outcome);
    }
    expect(state()).toEqual(before);
    expect(await runtime.reads.feed.read(next, 10)).toEqual({ items: [], news: [], next, isEnd: true });
  });

  it("writes nothing, many times at once", async () => {
    await deliver(whole);
    const before = state();
    await Promise.all(Array.from({ length: 200 }, () => deliver(whole)));
    expect(state()).toEqual(before);
  });

  it("notes once a minute that the key was used, and writes nothing else", async () => {
    await deliver(whole);
    const before = state();
    now += 59_999;
    await deliver(whole);
    expect(state()).toEqual(before);
    now += 1;
    await deliver(whole);
    await expect.poll(state).not.toEqual(before);
    const lastUsedAt = async () => (await runtime.reads.keyAdmin.list())[0]?.lastUsedAt;
    expect(await lastUsedAt()).toBe(new Date(now).toISOString());
    // A clock that was ahead was set right.
    now -= 8 * 3_600_000;
    await deliver(whole);
    await expect.poll(lastUsedAt).toBe(new Date(now).toISOString());
  });

  it("is written if it contains a new action, and its event moves", async () => {
    await deliver(history());
    const { next } = await runtime.reads.feed.read(null, 10);
    const asking = history({ want_action: "1002", timestamp: noon });
    expect(await deliver(asking)).toBe("duplicate");
    const { items } = await runtime.reads.feed.read(next, 10);
    expect(items).toMatchObject([{ event: { actions: [{ wantAction: "1002" }] } }]);
  });

  it("is written anew after its event has expired", async () => {
    await deliver(whole);
    now += 400 * 24 * 60 * 60 * 1000;
    expect(await deliver(whole)).toBe("created");
  });
});
