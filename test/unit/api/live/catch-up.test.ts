import {
  LiveCursors,
  MissedChanges,
  type MissedPorts,
  type ResumePoint,
  readConfiguration,
  resumePointOf,
} from "@gatepost/core/live";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, report, upsert } from "../../../contract/samples.ts";
import { MemoryEvents } from "../../../support/memory/events.ts";
import { MemoryPictures } from "../../../support/memory/pictures.ts";

let events: MemoryEvents;
beforeEach(() => {
  events = new MemoryEvents(() => noon);
});

const idOf = (event: string) => upsert(event).eventId;
const write = (event: string, receivedAt = noon, kind: "history" | "realtime" = "history") =>
  events.upsert(upsert(event, { report: report({ kind, receivedAt }) }));
const cursors = new LiveCursors(Buffer.alloc(32, 7));
const resumeBy = (since: string) => resumePointOf(since, null, { cursors, reads: { events, feed: events } });
const resumeAt = (event: string) => resumeBy(idOf(event));

/** All messages that a subscriber gets when it resumes there, and that place. */
async function missedBy(since: ResumePoint | null, asked: object = {}, feed: MissedPorts["feed"] = events) {
  const configuration = readConfiguration(JSON.stringify({ event_list: ["*"], updates: true, ...asked }));
  if (since === null || "error" in configuration) throw new Error("nothing to go on from");
  const missed = new MissedChanges(since, configuration, {
    feed,
    cursors,
    pictures: new MemoryPictures(),
    clock: () => noon,
  });
  const messages: { event_id: string; updated: boolean; cursor: string }[] = [];
  for (;;) {
    const { changes, isEnd } = await missed.read();
    for (const change of changes) {
      const message = await missed.messageOf(change);
      if (message !== null) messages.push(JSON.parse(message.toString()));
    }
    if (isEnd)
      return {
        missed,
        ids: messages.map(({ event_id }) => event_id),
        cursorsOf: messages.map((one) => one.cursor),
        messages,
      };
  }
}

describe("a subscriber that resumes", () => {
  it("a subscriber resumes at the time when its last event was made", async () => {
    await write("a", noon + 5, "realtime");
    await write("a", noon + 7);
    const made = await events.madeAt(idOf("a"));
    expect(await resumeAt("a")).toEqual({
      eventId: idOf("a"),
      made,
      receivedAt: noon + 5,
      from: made,
      cursor: made,
      overlapMs: 0,
    });
    expect(await resumeAt("never")).toBeNull();
  });

  it("a subscriber resumes at a message's cursor, but not at one signed with another secret", async () => {
    for (const event of ["a", "b", "c"]) await write(event);
    const since = await resumeAt("a");
    const { cursorsOf } = await missedBy(since);
    expect((await missedBy(await resumeBy(cursorsOf[0] ?? ""))).ids).toEqual([idOf("c")]);
    const other = new LiveCursors(Buffer.alloc(32, 8));
    for (const cursor of ["never", since === null ? "" : other.of(since), `${cursorsOf[0]}x`.slice(1)]) {
      expect(await resumeBy(cursor)).toBeNull();
    }
  });

  it("a subscriber gets everything made since, over many pages, and nothing older", async () => {
    for (let n = 0; n < 120; n++) await write(`${n}`, noon + n);
    const { ids } = await missedBy(await resumeAt("9"));
    expect(ids).toEqual(Array.from({ length: 110 }, (_, n) => idOf(`${10 + n}`)));
  });

  it("an event from the feed is updated; one matched by later reports alone is new", async () => {
    await write("seen");
    const person = { type: "stranger" } as const;
    await events.upsert(upsert("known", { report: report({ kind: "realtime", person }) }));
    await write("known", noon + 1);
    const since = await resumeAt("seen");
    const again: MissedPorts["feed"] = {
      async read(after, limit) {
        const { items, ...end } = await events.read(after, limit);
        return { items: items.map((change) => ({ ...change, isUpdate: true })), ...end };
      },
    };
    const told = async (asked: object) => (await missedBy(since, asked, again)).messages;
    expect(await told({})).toMatchObject([{ event_id: idOf("known"), updated: true }]);
    expect(await told({ updates: false })).toEqual([]);
    expect(await told({ updates: false, types: ["vip"] })).toMatchObject([{ event_id: idOf("known") }]);
  });

  it("a subscriber gets the reports that joined its last event, and else nothing", async () => {
    await write("before", noon, "realtime");
    await write("seen", noon + 1, "realtime");
    await write("before", noon + 2);
    await write("seen", noon + 3);
    const since = await resumeAt("seen");
    expect((await missedBy(since)).messages).toMatchObject([
      { event_id: idOf("before"), updated: true },
      { event_id: idOf("seen"), updated: true },
    ]);
    expect((await missedBy(since, { updates: false })).ids).toEqual([]);
  });

  it("events that may have overtaken the last one are sent again, but not that one", async () => {
    await write("long ago", noon - 60_000);
    await write("overtaken", noon - 2000);
    await write("seen", noon);
    const since = await resumeAt("seen");
    const from = await events.madeAt(idOf("long ago"));
    if (since === null || from === null) throw new Error("nothing to go on from");
    expect((await missedBy({ ...since, from, cursor: from, overlapMs: 5000 }, { updates: false })).ids).toEqual([
      idOf("overtaken"),
    ]);
  });

  it("a subscriber for API events is told that the events were missed", async () => {
    await write("seen", noon, "realtime");
    await write("missed", noon + 1);
    await write("seen", noon + 2);
    const since = await resumeAt("seen");
    const { messages } = await missedBy(since, { form: "event" });
    expect(messages).toMatchObject([
      { event: { id: idOf("missed") }, isUpdate: false, isCatchUp: true },
      { event: { id: idOf("seen") }, isUpdate: true, isCatchUp: true },
    ]);
  });

  it("a subscriber begins again at the given place", async () => {
    for (const event of ["a", "b", "c"]) await write(event);
    const since = await resumeAt("a");
    const { missed, ids } = await missedBy(since);
    expect(ids).toEqual([idOf("b"), idOf("c")]);
    expect((await missed.read()).changes).toEqual([]);
    if (since !== null) missed.restart(since);
    expect((await missed.read()).changes.map(({ event }) => event.id)).toEqual([idOf("b"), idOf("c")]);
  });
});
