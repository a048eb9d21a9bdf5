// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are of source files
import type { Mutant } from "./mutant.ts";

const deliver = "packages/receive/src/deliver/record.ts";
const announce = "packages/core/src/actions/announce.ts";
const relay = "packages/core/src/actions/announce.ts";
const states = "packages/protocol/src/action-states.ts";
const row = "packages/aws/src/events/row.ts";
const awaited = "packages/aws/src/events/outbox.ts";
const index = "packages/aws/src/events/index.ts";
const heartbeats = "packages/aws/src/events/heartbeats.ts";
const announced = "packages/aws/src/actions/announced.ts";
const outbox = "packages/aws/src/actions/outbox.ts";
const pictures = "packages/aws/src/pictures/store.ts";
const shared = "packages/aws/src/pictures/shared.ts";
const pictureEraser = "packages/aws/src/erasure/picture-eraser.ts";
const eraser = "packages/aws/src/erasure/eraser.ts";
const quarantine = "packages/aws/src/quarantine/store.ts";
const changeFeed = "packages/aws/src/events/change-feed.ts";
const reader = "packages/client/src/feed-reader.ts";
const tabs = "packages/console/src/state/live/tabs.ts";
const sender = "packages/bridge/src/cloud/sender.ts";

/** Schedules in which each of them is noticed. */
const caughtBy = ["--only", "simulation", "--seed", "1", "--schedules", "3000", "--first"];

type Change = Omit<Mutant, "caughtBy">;

const received: Change[] = [
  {
    name: "picture-not-awaited",
    file: pictures,
    text: "      await objects.put(objectKey({ ...facts, ...ownMark, ...place }), data, fileOf(facts, kind, box));",
    becomes:
      "      void objects.put(objectKey({ ...facts, ...ownMark, ...place }), data, fileOf(facts, kind, box)).catch(() => {});",
    why: "a report is acknowledged before its pictures are durable",
  },
  {
    name: "batch-not-in-order",
    file: deliver,
    text: "const written = (lastOf.get(eventId) ?? Promise.resolve()).then(() => commit(one, deps));",
    becomes: "const written = commit(one, deps);",
    why: "of two reports of one batch, the one listed second may be stored first",
  },
  {
    name: "second-face-dropped",
    file: deliver,
    text: 'if (written instanceof BrokenRow || written.outcome !== "conflict") return { entry, written };',
    becomes: "if (written !== null) return { entry, written };",
    why: "a second person with the same id and time is lost",
  },
  {
    name: "counter-is-a-passing",
    file: "packages/protocol/src/identity.ts",
    text: "if (!isKnown || sent.isFaceLost) return digest();",
    becomes: "if (sent !== null) return digest();",
    why: "a report without a face that comes again with another counter is a second event",
  },
  {
    name: "broken-report-not-kept",
    file: deliver,
    text: "  if (keepFor === null) return null;",
    becomes: "  if (keepFor !== undefined) return null;",
    why: "a report whose picture cannot be read is not kept in quarantine",
  },
  {
    name: "marked-before-announced",
    file: announce,
    text: "  const isTold = await put(event, entryOf, deps, timeoutMs);\n  if (isTold || !hasWaited) await deps.actions.markAnnounced(action.id, isTold);",
    becomes:
      "  await deps.actions.markAnnounced(action.id, true);\n  const isTold = await put(event, entryOf, deps, timeoutMs);",
    why: "a process that ends between the two has marked an entry that was never announced",
  },
  {
    name: "event-marked-before-announced",
    file: announce,
    text: "  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);\n  await deps.eventOutbox.markAnnounced(event.id);",
    becomes:
      "  await deps.eventOutbox.markAnnounced(event.id);\n  await put(event, (announcing) => eventRecorded(event, announcing), deps, timeoutMs);",
    why: "a bus that fails for a second, or a process that ends between the two, loses the event for subscribers",
  },
  {
    name: "not-marked-as-announced",
    file: announce,
    text: "  if (isTold || !hasWaited) await deps.actions.markAnnounced(action.id, isTold);",
    becomes: "",
    why: "an action is announced again and again",
  },
  {
    name: "unfit-face-announced",
    file: announce,
    text: "  if (reason !== null) return deps.actions.withhold(action.id, reason).then(() => false);",
    becomes: "",
    why: "a stranger is registered whose face another report has called unfit",
  },
  {
    name: "not-announced-at-once",
    file: announce,
    text: 'if (event !== null && enqueued && action?.state === "pending")',
    becomes: 'if (event !== null && !enqueued && action?.state === "pending")',
    why: "every action waits for the sweep, and two sweeps are needed if one fails",
  },
  {
    name: "sweep-too-early",
    file: relay,
    text: "const pendingForMs = 60_000;",
    becomes: "const pendingForMs = 0;",
    why: "a sweep announces an entry that the receiving process is about to announce",
  },
  {
    name: "lease-of-nothing",
    file: relay,
    text: "const leaseMs = 60_000;",
    becomes: "const leaseMs = 0;",
    why: "two sweeps announce the same action",
  },
  {
    name: "announced-after-the-answer",
    file: states,
    text: '  announced: ["pending"],',
    becomes: '  announced: ["pending", "done", "failed"],',
    why: "the answer of a subscriber is overwritten by who announced the action late",
  },
];

const events: Change[] = [
  {
    name: "report-overwritten",
    file: row,
    text: "all(absent(fingerprintAttribute(report.kind)), missingOrLiveAt(now))",
    becomes: "all(missingOrLiveAt(now))",
    why: "a second face, or a repeat with less in it, replaces the stored report",
  },
  {
    name: "joins-what-has-expired",
    file: row,
    text: "all(absent(fingerprintAttribute(report.kind)), missingOrLiveAt(now))",
    becomes: "absent(fingerprintAttribute(report.kind))",
    why: "a report joins an expired event, and is lost with it",
  },
  {
    name: "repeat-unconditional",
    file: row,
    text: 'when: all(equals("rev", changeIn(held).rev), ',
    becomes: 'when: all({ is: ">=", name: "rev", value: changeIn(held).rev }, ',
    why: "one of two simultaneous repeats removes the data of the other",
  },
  {
    name: "event-not-awaited",
    file: awaited,
    text: "const setIfAbsent = { ...upsert.setIfAbsent, ...awaitedAttributes(entry) };",
    becomes: "const setIfAbsent = { ...upsert.setIfAbsent };",
    why: "no sweep knows of an event that the process that stored it could not announce",
  },
  {
    name: "event-awaited-again",
    file: awaited,
    text: "export function joiningOnly(upsert: Change): Change {\n  return { ...upsert,",
    becomes:
      "export function joiningOnly(upsert: Change, entry: Upsert): Change {\n  return { ...upsert, setIfAbsent: { ...upsert.setIfAbsent, ...awaitedAttributes(entry) },",
    why: "an event is announced again with each kind of report that joins it",
  },
  {
    name: "change-not-in-feed",
    file: row,
    text: "  const kept: Item = {\n    ...changeAttributes(eventId, sequence),",
    becomes: "  const kept: Item = {",
    why: "the feed of changes lacks events",
  },
  {
    name: "action-not-in-feed",
    file: announced,
    text: "set: { ...set, ...changeAttributes(eventId, sequence) },\n        remove: [`h_${want}`],\n        when: mayBecome(state, { eventId, want, now }),",
    becomes: "set,\n        remove: [`h_${want}`],\n        when: mayBecome(state, { eventId, want, now }),",
    why: "the feed of changes lacks that an action was announced",
  },
  {
    name: "conflict-taken-for-repeat",
    file: index,
    text: 'return isHeld ? this.#repeated(entry, before) : { outcome: "conflict", enqueued: false, event: null };',
    becomes: "return isHeld || held !== null ? this.#repeated(entry, before) : null;",
    why: "a second person with the same id and time is lost",
  },
  {
    name: "repeat-given-up",
    file: index,
    text: "    if (!applied) return null;",
    becomes: '    if (!applied) return { outcome: "duplicate", enqueued: false, event: null };',
    why: "the data of a repeat is lost if another process writes at the same time",
  },
  {
    name: "second-picture-not-noted",
    file: index,
    text: '    await this.#keepPlaces(row);\n    await this.#keepShown(row, report);\n    return { outcome: "merged"',
    becomes: '    await this.#keepPlaces(row);\n    return { outcome: "merged"',
    why: "an erasure of one event takes away a picture that another shows",
  },
  {
    name: "feed-settles-at-once",
    file: heartbeats,
    text: "Math.min(now - settleMs, oldest - overtakenMs)",
    becomes: "now + 0 * oldest",
    why: "a reader of the feed misses events that the index shows late",
  },
  {
    name: "lease-unconditional",
    file: outbox,
    text: "all(equals(`a_${want}`, actionShardFor(leasedState, eventId)), isFree(held, now))",
    becomes: "equals(`a_${want}`, actionShardFor(leasedState, eventId))",
    why: "two sweeps lease the same action",
  },
  {
    name: "unread-rows-forgotten",
    file: "packages/aws/src/dynamo/dynamo.ts",
    text: "      left = [...unread, ...left.slice(batchSize)];",
    becomes: "      left = left.slice(batchSize);",
    why: "rows that DynamoDB leaves unread in a batch count as missing",
  },
  {
    name: "short-page-is-the-last",
    file: "packages/aws/src/dynamo/query-shards.ts",
    text: "    after = next;",
    becomes: "    after = keys.length < limit ? undefined : next;",
    why: "rows behind a short page are not read",
  },
];

const stores: Change[] = [
  {
    name: "picture-known-too-early",
    file: shared,
    text: '    if (!isThere) await objects.put(key, picture.data, fileOf(picture, "registered"));\n    this.#known.note(key, now, now);',
    becomes:
      '    this.#known.note(key, now, now);\n    if (!isThere) await objects.put(key, picture.data, fileOf(picture, "registered"));',
    why: "a picture whose write failed counts as stored when the report is repeated",
  },
  {
    name: "erased-picture-remembered",
    file: shared,
    text: "    return seenAt !== undefined && !this.#epoch.isStale(seenAt);",
    becomes: "    return seenAt !== undefined;",
    why: "a process shows a picture in a new event that an erasure has removed",
  },
  {
    name: "erasure-of-a-person-not-noted",
    file: eraser,
    text: "    await this.#deps.dynamo.update(enqueueErasure(`person ${crypto.randomUUID()}`, now + propagationMs, work));",
    becomes: "",
    why: "reports that were not in the index yet, or under way, stay",
  },
  {
    name: "epoch-not-advanced",
    file: "packages/aws/src/pictures/erasure-epoch.ts",
    text: "    await dynamo.update({ pk: epochRow, set: { brokenAt: now } satisfies z.output<typeof epoch> });\n",
    becomes:
      "    if (now < 0) await dynamo.update({ pk: epochRow, set: { brokenAt: now } satisfies z.output<typeof epoch> });\n",
    why: "a process relies on a picture that it remembers and that an erasure removes",
  },
  {
    name: "leaving-picture-shared",
    file: shared,
    text: "    if (this.#epoch.hasBegunWithin(leavingMs) && (await this.#isLeaving(key))) return false;\n",
    becomes: "",
    why: "a report brings a picture at the moment at which an erasure removes it",
  },
  {
    name: "second-face-without-objects",
    file: deliver,
    text: "firstFace: entry.eventId, report: storedReport };",
    becomes: "firstFace: entry.eventId, report };",
    why: "the event of a second face names pictures that it does not have",
  },
  {
    name: "shown-picture-erased",
    file: pictureEraser,
    text: "      if (live.some((row) => refsOf(row).some((other) => sharedKey(other) === key))) return true;",
    becomes: "      if (live.some((row) => refsOf(row).some((other) => sharedKey(other) === key))) return false;",
    why: "an erasure takes a picture away that another event shows",
  },
  {
    name: "erased-comes-again",
    file: "packages/core/src/erasure/erasures.ts",
    text: "    if (this.areNone) return false;",
    becomes: '    if (this.areNone || box !== "") return false;',
    why: "repeated reports of an erased person are stored",
  },
  {
    name: "stored-meanwhile-stays",
    file: "packages/aws/src/erasure/event-row.ts",
    text: "changeIn(row).made < before || (erasedAt !== undefined && happenedBy(row, erasedAt))",
    becomes: "changeIn(row).made < before",
    why: "reports stored by a process that did not know of the erasure stay",
  },
  {
    name: "quarantine-without-body",
    file: quarantine,
    text: "await all<unknown>([counted, kept]);",
    becomes: "kept.catch(() => {});",
    why: "a record is acknowledged before its body is durable",
  },
  {
    name: "revoked-key-found",
    file: "packages/core/src/keys/finder.ts",
    text: "stored.revokedAt === undefined",
    becomes: "stored.revokedAt !== 0",
    why: "a revoked key opens",
  },
  {
    name: "key-trusted-for-ten-minutes",
    file: "packages/aws/src/keys/recent-keys.ts",
    text: "const knownForMs = 60_000;",
    becomes: "const knownForMs = 600_000;",
    why: "a revoked key opens for ten minutes, and an erasure is not heard of in time",
  },
  {
    name: "erasure-in-one-copy-alone",
    file: "packages/aws/src/erasure/suppression.ts",
    text: "const ofLists = box === null ? lists.suppressedCopies : [lists.suppressedAt(box)];",
    becomes: 'const ofLists = [box === null ? (lists.suppressedCopies[0] ?? "") : lists.suppressedAt(box)];',
    why: "processes that read another copy store the events of an erased person again",
  },
  {
    name: "refused-entry-taken-for-put",
    file: "packages/aws/src/bus/bus.ts",
    text: "if (entry?.EventId !== undefined && entry.ErrorCode === undefined) return null;",
    becomes: "if (entry !== undefined) return null;",
    why: "an action that the bus refused counts as announced",
  },
];

const readers: Change[] = [
  {
    name: "unsettled-read-once",
    file: changeFeed,
    text: "const next = isEnd ? (unsettled ?? begin) : cursorAt(given.at(-1)?.at ?? cursor);",
    becomes: "const next = isEnd ? (given.at(-1)?.at ?? begin) : cursorAt(given.at(-1)?.at ?? cursor);",
    why: "a reader continues behind events that the index shows late",
  },
  {
    name: "quiet-at-the-head",
    file: changeFeed,
    text: "  return sequenceAt(head + headEveryMs + 1);",
    becomes: "  return sequenceAt(head);",
    why: "a reader takes the feed for quiet though a process has written since it raised the head",
  },
  {
    name: "head-not-raised",
    file: "packages/aws/src/events/feed-writes.ts",
    text: "    await all<unknown>([written, this.#raise(timeOf(sequence))]);",
    becomes: "    await (this.#raised === null ? all<unknown>([written, this.#raise(timeOf(sequence))]) : written);",
    why: "a reader of a quiet feed learns of a change after half an hour",
  },
  {
    name: "news-not-in-feed",
    file: "packages/aws/src/events/news.ts",
    text: "set: { ...changeAttributes(pk, sequence), news: JSON.stringify(one), ttl }",
    becomes: "set: { ...(sequence === pk ? changeAttributes(pk, sequence) : {}), news: JSON.stringify(one), ttl }",
    why: "no page learns that an event was acknowledged or erased",
  },
  {
    name: "missed-news-not-told",
    file: changeFeed,
    text: "      news: hasMissed ? [",
    becomes: "      news: hasMissed && asked.cursor === floor ? [",
    why: "a page that slept for hours shows events that were erased meanwhile",
  },
  {
    name: "missing-not-asked-for",
    file: reader,
    text: "    if (held.length > 0) void this.#findErased(client, held);",
    becomes: "    if (held.length < 0) void this.#findErased(client, held);",
    why: "a page that slept for hours shows events that were erased meanwhile",
  },
  {
    name: "erasure-not-told",
    file: eraser,
    text: '    await this.#deps.news.tell(newsOfEvents(gone, this.#deps.clock(), (events) => ({ kind: "erased", events })));',
    becomes:
      '    if (gone.length > 1000) await this.#deps.news.tell(newsOfEvents(gone, 0, (events) => ({ kind: "erased", events })));',
    why: "a page shows an event that was erased",
  },
  {
    name: "given-twice",
    file: "packages/client/src/page.ts",
    text: "    if (before?.sum === sum) return null;",
    becomes: '    if (before?.sum === sum && id === "") return null;',
    why: "an alarm rings again with each poll until its event is settled",
  },
  {
    name: "begins-anew-after-failure",
    file: reader,
    text: '    if (status === 400) this.next = "end";',
    becomes: '    if (status !== 200) this.next = "end";',
    why: "a page misses the events of a time without a network",
  },
  {
    name: "tab-waits-for-ever",
    file: tabs,
    text: "    else if (silent > (isVisible ? silentMs : hiddenSilentMs) || (isVisible && !this.#leader?.isVisible)) this.#lead();",
    becomes: "    else if (silent > 1e9) this.#lead();",
    why: "after the browser has killed the tab that asks, no other one asks",
  },
  {
    name: "tab-does-not-catch-up",
    file: tabs,
    text: "    if (this.#reader.next !== next) this.#reader.start();",
    becomes: '    if (this.#reader.next === "" && next !== "") this.#reader.start();',
    why: "a tab lacks what the tab that asks had posted before this one heard it",
  },
  {
    name: "lost-answer-taken-for-delivered",
    file: sender,
    text: '    if (verdict.kind === "later") return verdict;\n    await spool.settle',
    becomes: "    await spool.settle",
    why: "the bridge removes reports that the cloud has not taken",
  },
  {
    name: "bridge-out-of-order",
    file: "packages/bridge/src/spool/spool.ts",
    text: 'ORDER BY id LIMIT 1");\n    this.#oldest',
    becomes: 'ORDER BY id DESC LIMIT 1");\n    this.#oldest',
    why: "the bridge sends the newest report first",
  },
  {
    name: "busy-cloud-refuses",
    file: "packages/bridge/src/cloud/verdict.ts",
    text: "status >= 400 && status < 500 &&",
    becomes: "status >= 400 &&",
    why: "the bridge puts aside reports that the cloud could not take at that time",
  },
];

/** Mutants that `prove/simulation` catches. */
export const simulationMutants: readonly Mutant[] = [...received, ...events, ...stores, ...readers].map((change) => ({
  ...change,
  caughtBy,
}));
