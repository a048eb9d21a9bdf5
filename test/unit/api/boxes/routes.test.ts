import { describe, expect, it } from "vitest";
import { noon, passing, runtime } from "../support.ts";

const hour = 3_600_000;

async function withBoxes() {
  const deps = await runtime();
  await deps.deliver(passing());
  const ask = async (path: string, asking = {}) => (await deps.ask(path, asking)).json() as Promise<unknown>;
  return { ...deps, answerOf: ask };
}

const patch = (body: unknown) => ({ method: "PATCH", body: JSON.stringify(body) });

describe("boxes over HTTP", () => {
  it("the list has boxes that sent reports, and boxes that only have a key", async () => {
    const deps = await withBoxes();
    deps.ingest.addKey("ingest", "gate-9");
    deps.ingest.revoke(deps.ingest.addKey("ingest", "gone"));
    expect(await deps.answerOf("/v1/boxes")).toMatchObject({
      boxes: [
        { id: "gate-1", state: "reports", kinds: [{ kind: "history", today: 1 }], rhythm: { counts: { length: 48 } } },
        { id: "gate-9", state: "new", lastSeen: null, rhythm: null },
      ],
      next: null,
    });
  });

  it("silent boxes are listed first, page by page", async () => {
    const deps = await withBoxes();
    for (const box of ["a", "b"]) deps.ingest.addKey("ingest", box);
    await deps.ingest.notes.flushAll();
    await deps.ingest.boxes.receivedUntil(deps.ingest.now);
    for (let more = 0; more < 70; more += 1) {
      deps.ingest.now += 60_000;
      await deps.ingest.boxes.check(deps.ingest.now);
    }
    const names: string[] = [];
    let cursor = "";
    do {
      const page = (await deps.answerOf(`/v1/boxes?limit=1${cursor}`)) as { boxes: { id: string }[]; next: string };
      names.push(...page.boxes.map(({ id }) => id));
      cursor = page.next === null ? "" : `&cursor=${page.next}`;
    } while (cursor !== "");
    expect(names).toEqual(["gate-1", "a", "b"]);
    expect(await deps.answerOf("/v1/boxes/gate-1")).toMatchObject({
      state: "silent",
      since: "2026-11-05T04:00:00.500Z",
    });
  });

  it("an admin sets a box's silence limit, whether silence is expected, and its site", async () => {
    const deps = await withBoxes();
    expect(await deps.answerOf("/v1/boxes/gate-1", patch({ silence: { afterMs: hour * 2 } }))).toMatchObject({
      silence: { afterMs: hour * 2, isOverride: true, isExpected: false },
    });
    expect(
      await deps.answerOf("/v1/boxes/gate-1", patch({ site: "north", silence: { isExpected: true } })),
    ).toMatchObject({
      site: "north",
      silence: { afterMs: hour * 2, isExpected: true },
    });
    const back = await deps.answerOf("/v1/boxes/gate-1", patch({ site: null, silence: { afterMs: null } }));
    expect(back).toMatchObject({ site: null, silence: { afterMs: hour, isOverride: false, isExpected: true } });
  });

  it("a box may be set up before its first report", async () => {
    const deps = await withBoxes();
    deps.ingest.addKey("ingest", "gate-9");
    expect(await deps.answerOf("/v1/boxes/gate-9", patch({ site: "north" }))).toMatchObject({
      state: "new",
      site: "north",
    });
  });

  it.each([
    [{}, "give name, site, zone, silence.afterMs or silence.isExpected"],
    [{ silence: {} }, "give name, site, zone, silence.afterMs or silence.isExpected"],
    [{ silence: { afterMs: 59_999 } }, "silence.afterMs: must be a minute at least"],
    [{ silence: { afterMs: 1e12 } }, "silence.afterMs: must be 31 days at most"],
    [{ silence: { afterMs: "1h" } }, "silence.afterMs"],
    [{ site: " " }, "site: must not be empty"],
    [{ name: "" }, "name: must not be empty"],
    [{ name: "门".repeat(65) }, "name"],
    [{ site: "north\u200d" }, "site: must not have control or invisible characters"],
    [{ name: "gate\u202e1" }, "name: must not have control or invisible characters"],
    [{ id: "x" }, "id"],
    [[], "must be an object"],
  ])("a setting of %j is refused with a reason", async (body, why) => {
    const deps = await withBoxes();
    const answer = await deps.ask("/v1/boxes/gate-1", patch(body));
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { detail: string }).detail).toContain(why);
  });

  it("a box without reports and without a key is not found", async () => {
    const deps = await withBoxes();
    for (const path of ["/v1/boxes/nobody", "/v1/boxes/nobody/arrivals", `/v1/boxes/${"x".repeat(300)}`]) {
      expect((await deps.ask(path)).status).toBe(404);
    }
    expect((await deps.ask("/v1/boxes/nobody", patch({ site: "x" }))).status).toBe(404);
  });

  it("readers see boxes; only admins set them and list arrivals", async () => {
    const deps = await withBoxes();
    const { read } = deps.tokens;
    expect((await deps.ask("/v1/boxes", { token: read })).status).toBe(200);
    expect((await deps.ask("/v1/boxes/gate-1", { ...patch({ site: "x" }), token: read })).status).toBe(403);
    expect((await deps.ask("/v1/boxes/gate-1/arrivals", { token: read })).status).toBe(403);
  });

  it("arrivals after a time are listed, with wrong keys", async () => {
    const deps = await withBoxes();
    const { arrivals, refusals } = deps.ingest;
    arrivals.noteError("gate-1", { path: ["HistoryEvent"], bytes: 0, address: "10.0.0.9" }, new Error("not noted"));
    arrivals.note("gate-1", { path: ["HistoryEvent"], bytes: 7, address: "10.0.0.9" }, [
      { event: null, quarantined: null },
    ]);
    refusals.note("wrong-key", { address: "10.0.0.9", segments: ["gpi_wrong", "HistoryEvent"] });
    refusals.note("too-large", { address: "10.0.0.9", segments: [] });
    refusals.noteConnection("not-http", { address: "10.0.0.8", segments: [] });
    const at = new Date(deps.ingest.now).toISOString();
    expect(await deps.answerOf("/v1/boxes/gate-1/arrivals")).toEqual({
      arrivals: [{ at, path: "/HistoryEvent", bytes: 7, from: "10.0.0.9", outcome: "notice" }],
      wrongKeys: [{ at, from: "10.0.0.9", path: "/…/HistoryEvent" }],
      refusedConnections: [{ reason: "not-http", from: "10.0.0.8", count: 1, last: at }],
    });
    expect(await deps.answerOf(`/v1/boxes/gate-1/arrivals?after=${at}`)).toEqual({
      arrivals: [],
      wrongKeys: [],
      refusedConnections: [],
    });
  });

  it.each([
    ["/v1/boxes/gate-1", patch({ zone: "Australia/Sydney" })],
    ["/v1/sites/default", { method: "PUT", body: JSON.stringify({ zone: "Australia/Sydney" }) }],
  ])("a changed zone makes the clock unknown until times in it arrive: %s", async (path, change) => {
    const deps = await withBoxes();
    const { ingest } = deps;
    const skew = async () =>
      ((await deps.answerOf("/v1/boxes/gate-1")) as { clock: { skewMs: number | null } }).clock.skewMs;
    const pass = (receivedAt: number, ahead: number) =>
      deps.deliver(passing({ timestamp: receivedAt + ahead, identity_id: `${receivedAt}` }), { receivedAt });
    await pass(ingest.now, 11 * hour);
    expect(await skew()).toBe(11 * hour);
    await deps.answerOf(path, change);
    // Processes may use the zone that they know for a minute.
    await pass(ingest.now + 59_999, 11 * hour);
    expect(await skew()).toBeNull();
    await ingest.notes.flushAll();
    await pass(ingest.now + 60_000, -500);
    expect(await skew()).toBe(-500);
    await deps.answerOf("/v1/boxes/gate-1", patch({ name: "North" }));
    await deps.answerOf(path, change);
    expect(await skew()).toBe(-500);
  });

  it("terminals are counted by serial until a key lists them", async () => {
    const deps = await withBoxes();
    const { unknownTerminals, now } = deps.ingest;
    for (const serial of ["SN2", "SN1", "SN1"]) await unknownTerminals.note(serial, "10.0.0.7");
    const [one, other] = ["SN1", "SN2"].map((serial) => ({
      serial,
      from: "10.0.0.7",
      last: new Date(now).toISOString(),
    }));
    expect(await deps.answerOf("/v1/unknown-terminals")).toEqual({
      terminals: [
        { ...one, count: 2 },
        { ...other, count: 1 },
      ],
    });
    await deps.deps.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: "0".repeat(64), serials: ["SN1"] });
    expect(await deps.answerOf("/v1/unknown-terminals")).toEqual({ terminals: [{ ...other, count: 1 }] });
  });

  it("the rhythm compares the last day only with weeks since the box was first known", async () => {
    const deps = await withBoxes();
    const week = 7 * 24 * hour;
    for (const back of [1, 2]) await deps.deliver(passing({ timestamp: noon - back * week, identity_id: `${back}` }));
    deps.ingest.notes.add([
      { box: "gate-1", kind: "unread", receivedAt: noon - 2 * week },
      { box: "gate-1", kind: "unread", receivedAt: noon },
    ]);
    const box = (await deps.answerOf("/v1/boxes/gate-1")) as { rhythm: { counts: number[]; usual: number[] } };
    expect([box.rhythm.counts.at(-1), box.rhythm.usual.at(-1)]).toEqual([1, 1]);
    expect(box.rhythm.usual).toHaveLength(48);
  });
});
