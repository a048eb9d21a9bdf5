import {
  type ActionState,
  actionId,
  idOf,
  locatePicture,
  merge,
  type Report,
  type StoredEvent,
} from "@gatepost/protocol";
import { fromAttributes, isExpired } from "../../../packages/aws/src/dynamo/item.ts";
import { objectKey } from "../../../packages/aws/src/pictures/keys.ts";
import { bodyKey, listingOf } from "../../../packages/aws/src/quarantine/row.ts";
import { sha256Of } from "../../../packages/aws/src/s3/objects.ts";
import type { World } from "../aws/world.ts";
import { checkAnnouncements } from "./announcements.ts";
import { Broken } from "./broken.ts";
import { readToken } from "./keys.ts";
import { liveEvent, liveEvents, liveRow } from "./live.ts";
import { bodyOf, type Expected } from "./reports.ts";
import type { RunState } from "./state.ts";

interface Found {
  stored: StoredEvent;
  report: Report;
}

/** The promises at every time: acknowledged reports are there, and erased ones are not. */
export function checkNow(known: RunState): void {
  const { model, world } = known;
  for (const expected of model.known) {
    if (model.mustBeFound(expected)) checkFound(expected, known);
    if (model.mustBeGone(expected, world.scheduler.now)) checkGone(expected, known);
  }
  for (const [id, body] of known.kept) checkKept(id, body, known);
}

/** The promises when everything has come to rest, as the product's own readers see it. */
export async function checkEnd(known: RunState): Promise<void> {
  checkNow(known);
  for (const expected of known.model.known) {
    checkAction(expected, known);
    if (known.model.isErasedForGood(expected, known.world.scheduler.now)) checkErasedForGood(expected, known);
  }
  checkAnnouncements(known);
  checkOrderOfBatches(known);
  checkNothingDoubled(known);
  for (const [box, count] of known.statuses) checkStatus(box, count, known);
  await checkWatched(known);
  checkFollowed(known);
  checkBridged(known);
  await checkListed(known);
}

/** The stored places of a report: the event of its identity, or a separate one. */
function find({ eventId, twinId, face, spec }: Expected, world: World): Found[] {
  return [eventId, twinId].flatMap((id) => {
    const stored = liveEvent(world, id);
    const report = stored?.reports.find(
      ({ kind, pictures }) => kind === spec.kind && (face === null || pictures?.face?.sha256 === face),
    );
    return stored === null || report === undefined ? [] : [{ stored, report }];
  });
}

function checkFound(expected: Expected, known: RunState): void {
  const { spec } = expected;
  const [found] = find(expected, known.world);
  if (found === undefined) throw new Broken(`an acknowledged report is lost: ${nameOf(expected)}`);
  const { extra } = merge(found.stored);
  for (const name of spec.extras) {
    if (extra[name] === undefined) throw new Broken(`an acknowledged value is lost: ${name} of ${nameOf(expected)}`);
  }
  for (const [kind, sha256] of expected.pictures) {
    const facts = locatePicture({ id: found.stored.id, reports: [found.report] }, kind);
    if (facts?.sha256 !== sha256) throw new Broken(`an acknowledged picture is lost: ${kind} of ${nameOf(expected)}`);
    const bytes = known.world.bucket.get(objectKey(facts))?.data;
    if (bytes === undefined || sha256Of(bytes) !== sha256) {
      throw new Broken(`the bytes of a picture are lost: ${kind} of ${nameOf(expected)}`);
    }
  }
  if (spec.isBroken) {
    const body = Buffer.from(JSON.stringify(bodyOf(spec, known.one.start)));
    checkKept(recordOf(expected, known), body, known);
  }
}

function recordOf({ spec }: Expected, { one }: RunState): string {
  return idOf("qrt", [spec.box, "/HistoryEvent", sha256Of(JSON.stringify(bodyOf(spec, one.start)))]);
}

function checkKept(id: string, body: Buffer, { world }: RunState): void {
  const row = world.table.get(id);
  if (row === undefined) throw new Broken(`a record in quarantine is lost: ${id}`);
  const item = fromAttributes(row);
  if (isExpired(item, world.scheduler.now)) return;
  const held = world.bucket.get(bodyKey(listingOf(item)));
  if (held === undefined || !body.equals(held.data)) throw new Broken(`a body in quarantine is lost: ${id}`);
}

function checkGone(expected: Expected, known: RunState): void {
  for (const id of [expected.eventId, expected.twinId]) {
    if (liveRow(known.world, id) !== null) throw new Broken(`an erased event is there: ${id}, ${nameOf(expected)}`);
  }
}

function checkErasedForGood(expected: Expected, known: RunState): void {
  const { world, model } = known;
  if (expected.spec.isBroken && liveRow(world, recordOf(expected, known)) !== null) {
    throw new Broken(`quarantine has an erased report: ${nameOf(expected)}`);
  }
  for (const [kind, sha256] of expected.pictures) {
    if (model.isShown(sha256, world.scheduler.now) || !model.isKnownPicture(sha256)) continue;
    const isThere = [...world.bucket.values()].some(({ data }) => sha256Of(data) === sha256);
    if (isThere) throw new Broken(`the bytes of an erased picture are there: ${kind} of ${nameOf(expected)}`);
  }
}

function checkAction(expected: Expected, known: RunState): void {
  const { spec } = expected;
  const { model, world } = known;
  const [found] = find(expected, world);
  if (spec.want === "0" || found === undefined || !model.mustBeFound(expected)) return;
  const id = actionId(found.stored.id, spec.want);
  const state = found.stored.actions.find((action) => action.id === id)?.state;
  const isAnnounced = world.announced.some((one) => one.actionId === id);
  const mayBeWithheld = spec.isStranger && spec.want === "1001" && model.mayBeUnfit(expected);
  checkState({ id, state, isAnnounced, mayBeWithheld });
  // An erasure takes the report along that calls the face unfit.
  if (mayBeWithheld && isAnnounced && !model.wasErasedAtAll(expected) && model.wasUnfitBefore(expected)) {
    throw new Broken(`an action was announced of a face that is unfit: ${id}`);
  }
  const answered = model.wasErasedAtAll(expected) ? undefined : known.settled.get(id);
  if (answered !== undefined && state !== answered) throw new Broken(`the answer of a subscriber is lost: ${id}`);
}

interface ActionFound {
  id: string;
  state: ActionState | undefined;
  isAnnounced: boolean;
  mayBeWithheld: boolean;
}

function checkState({ id, state, isAnnounced, mayBeWithheld }: ActionFound): void {
  if (state === undefined) throw new Broken(`an action that was asked for is lost: ${id}`);
  if (state === "pending") throw new Broken(`an action was not announced: ${id}`);
  if (state === "withheld" && !mayBeWithheld) throw new Broken(`an action is withheld for nothing: ${id}`);
  if (state === "announced" && !isAnnounced) throw new Broken(`an action counts as announced, and was not: ${id}`);
  if (!mayBeWithheld && !isAnnounced) throw new Broken(`an action was never announced: ${id}`);
}

/** If two reports of one batch differ, the first one is believed. */
function checkOrderOfBatches({ one, world, model }: RunState): void {
  const posts = one.steps.filter((step) => step.do === "post" || step.do === "relay");
  for (const { reports } of posts) {
    const [first, second] = reports;
    if (first === undefined || second === undefined || first.name === second.name) continue;
    if (first.passing !== second.passing || first.kind !== second.kind || first.face !== second.face) continue;
    const others = posts.filter((post) => post.reports !== reports);
    if (others.some((post) => post.reports.some(({ passing }) => passing === first.passing))) continue;
    const expected = model.known.find(({ name }) => name === JSON.stringify(first));
    if (expected === undefined || !model.mustBeFound(expected)) continue;
    const stored = find(expected, world)[0]?.report.person?.name;
    if (stored !== first.name) throw new Broken(`a batch was stored in another order: ${stored} before ${first.name}`);
  }
}

function checkNothingDoubled({ world, model, one }: RunState): void {
  const known = new Set(model.known.flatMap(({ eventId, twinId }) => [eventId, twinId]));
  for (const { id } of liveEvents(world)) {
    if (!known.has(id)) throw new Broken(`an event is there without a report: ${id}`);
  }
  if (one.steps.some((step) => step.do === "remove-expired")) return;
  for (const expected of model.known) {
    if (model.wasErasedAtAll(expected)) continue;
    if (find(expected, world).length > 1) throw new Broken(`a passing is there twice: ${nameOf(expected)}`);
  }
}

function checkStatus(box: string, count: number, { world }: RunState): void {
  const row = liveRow(world, `notice status ${box}`);
  const isThere = String(row?.["report"] ?? "").includes(`"count":${count}`);
  if (!isThere) throw new Broken(`the acknowledged status of ${box} is lost`);
}

/** The pages show each event that was made since they began, as it is now; none that was erased; and each seen mark. */
async function checkWatched(known: RunState): Promise<void> {
  const { world, watchers } = known;
  const tabs = watchers.flatMap((watcher) => watcher.tabs.filter(({ isOpen }) => isOpen));
  if (tabs.length === 0) return;
  const live = new Map<string, string>();
  for (const { id } of liveEvents(world)) live.set(id, await asShown(id, world));
  for (const tab of tabs) {
    if (tab.fault !== null) throw new Broken(`a page is wrong: ${tab.fault}`);
    for (const [id, form] of live) checkShown(tab, { id, form }, world);
    checkNotShown(tab, live, world);
    checkSeen(tab, live, known);
  }
}

type Tab = RunState["watchers"][number]["tabs"][number];

function checkShown({ shown, since }: Tab, { id, form }: { id: string; form: string }, world: World): void {
  const madeAt = world.madeAt.get(id) ?? 0;
  const given = shown.get(id);
  if (given === undefined && madeAt >= since)
    throw new Broken(`a page has missed ${id}, made at ${(madeAt - world.startedAt) / 1000} s`);
  if (given !== undefined && formOf(given) !== form) throw new Broken(`a page has missed a change of ${id}`);
}

function checkNotShown({ shown }: Tab, live: ReadonlyMap<string, string>, world: World): void {
  for (const id of shown.keys()) {
    const expiresAt = (world.madeAt.get(id) ?? 0) + world.lifetime;
    if (!live.has(id) && expiresAt > world.scheduler.now) throw new Broken(`a page shows an erased event: ${id}`);
  }
}

/** A page that was told that it had missed news asks for all marks. */
function checkSeen(
  { since, missedAt, acknowledged }: Tab,
  live: ReadonlyMap<string, string>,
  { seen }: RunState,
): void {
  for (const [id, { from, until }] of seen) {
    const mustKnow = from >= since && missedAt < until && live.has(id);
    if (mustKnow && !acknowledged.has(id)) throw new Broken(`a page has missed that ${id} was seen`);
  }
}

/** An event as the API has it. */
async function asShown(id: string, world: World): Promise<string> {
  const headers = { authorization: `Bearer ${readToken}` };
  const request = new Request(`http://gatepost/v1/events/${id}`, { headers });
  const answer = await world.running("api").app.fetch(request, { address: "10.5.5.5" });
  return formOf(JSON.parse(await answer.text()));
}

/** Without its acknowledgement, which is told as news, and the history of its actions. */
function formOf(event: object): string {
  return JSON.stringify(event, (name, value) => (["acknowledgement", "history"].includes(name) ? undefined : value));
}

function checkFollowed({ world, followed }: RunState): void {
  for (const stored of liveEvents(world)) {
    if (followed.get(stored.id) !== JSON.stringify(stored)) {
      throw new Broken(`a reader of the feed of changes has missed a change of ${stored.id}`);
    }
  }
}

/**
 * The bodies that the bridge has acknowledged are in the cloud in the order of receipt, and none waits or was put
 * aside.
 */
function checkBridged({ bridge, bridged, arrived, model }: RunState): void {
  if (bridge === null) return;
  for (const [box, bodies] of bridged) {
    if (model.mayBeRefused(box)) continue;
    const there = (arrived.get(box) ?? []).filter((body) => bodies.includes(body));
    if (bridge.isWaiting(box)) throw new Broken(`the bridge still holds a body of ${box}`);
    const missing = bodies.filter((body) => !there.includes(body));
    if (missing.length > 0) throw new Broken(`the bridge has lost ${missing.length} bodies of ${box}`);
    if (there.join() !== [...new Set(bodies)].join()) throw new Broken(`the bridge sent in another order: ${box}`);
  }
  if (bridge.deadLetters > 0) throw new Broken("the bridge put aside reports that the cloud would have taken");
}

/** The list gives exactly the stored events, page by page. */
async function checkListed({ world, model }: RunState): Promise<void> {
  const { events } = world.running("api").reads;
  const ids = await listed(events, {});
  const live = liveEvents(world).map(({ id }) => id);
  if (new Set(ids).size !== ids.length) throw new Broken("a list has an event twice");
  if (ids.toSorted().join() !== live.toSorted().join()) throw new Broken("a list differs from the stored events");
  const people = model.known.filter(({ spec }) => !spec.isStranger).map(({ spec }) => spec.person);
  for (const person of new Set(people)) {
    const ofPerson = await listed(events, { person });
    for (const expected of model.known) {
      if (expected.spec.isStranger || expected.spec.person !== person || !model.mustBeFound(expected)) continue;
      const isListed = find(expected, world).some(({ stored }) => ofPerson.includes(stored.id));
      if (!isListed) throw new Broken(`the list of a person lacks an event: ${nameOf(expected)}`);
    }
  }
}

type EventReader = ReturnType<World["running"]>["reads"]["events"];

async function listed(events: EventReader, filter: Parameters<EventReader["list"]>[0]): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<EventReader["list"]>> = await events.list(filter, { limit: 4, cursor });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}

function nameOf({ spec, eventId }: Expected): string {
  return `passing ${spec.passing} (${spec.kind}, face ${spec.face}, box ${spec.box}), ${eventId}`;
}
