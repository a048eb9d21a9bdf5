import { hashToken } from "@gatepost/core/keys";
import { seededFor } from "../../../packages/simulator/src/random.ts";
import { maxPosts } from "./boxes.ts";
import type { Step } from "./case.ts";
import { adminToken, boxes, readToken, tokenOf } from "./keys.ts";
import { type Expected, expectedOf } from "./reports.ts";
import type { RunState } from "./state.ts";

export async function makeKeys({ world }: RunState): Promise<void> {
  const { keyAdmin } = world.running("api").reads;
  for (const box of boxes) await keyAdmin.create({ scope: "ingest", box, tokenHash: hashToken(tokenOf(box)) });
  await keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(adminToken) });
  await keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(readToken) });
}

export async function sweep(by: number, { world }: RunState): Promise<void> {
  await world.invoke(by === 0 ? "sweep-0" : "sweep-1", ({ relay }) => relay());
}

export async function erasePerson({ person, box }: Step & { do: "erase-person" }, run: RunState): Promise<void> {
  const covers = ({ spec }: Expected) =>
    !spec.isStranger && spec.person === person && (box === null || spec.box === box);
  const erasure = run.model.erase(covers, true, run.now);
  const where = box === null ? "all=1" : `box=${box}`;
  if (await ask("DELETE", `/v1/people?id=${person}&${where}`, null, run)) erasure.done(run.now);
}

export async function eraseEvent({ report }: Step & { do: "erase-event" }, run: RunState): Promise<void> {
  const { eventId } = expectedOf(report, run.one.start);
  const erasure = run.model.erase((expected) => expected.eventId === eventId, false, run.now);
  if (await ask("DELETE", `/v1/events/${eventId}`, null, run)) erasure.done(run.now);
}

/** Finishes the rest of erasures. */
export async function finish(by: number, run: RunState): Promise<void> {
  const from = run.now;
  const done = await run.world.invoke(by === 0 ? "sweep-0" : "sweep-1", ({ reads }) => reads.eraser.finish());
  if (done !== null) run.model.finished(from, run.now);
}

export async function replayAll(run: RunState): Promise<void> {
  const ids = await run.world.invoke("api", async ({ reads }) => {
    const { items } = await reads.quarantine.list(null, { limit: 50, cursor: null });
    return items.map(({ id }) => id);
  });
  for (const id of ids?.answer ?? []) {
    const telling = run.model.replayed(run.now);
    await ask("POST", `/v1/quarantine/${id}/replay`, null, run);
    telling.over(run.now);
  }
}

export async function settleAll(as: "done" | "failed", run: RunState): Promise<void> {
  for (const id of run.world.announcedActions()) await settle(id, as, run);
}

/** ms after which a subscriber has answered. */
const answersIn = 150;

/** Lets the subscriber answer each action once, right after it was announced. */
export function answerFromNowOn(as: "done" | "failed", run: RunState): void {
  const random = seededFor(run.one.seed, "subscriber");
  const answered = new Set<string>();
  run.world.onAnnounced = (id) => {
    if (answered.has(id)) return;
    answered.add(id);
    void run.pause(random() * answersIn).then(() => settle(id, as, run));
  };
}

async function settle(id: string, as: "done" | "failed", run: RunState): Promise<void> {
  const isSettled = await ask("POST", `/v1/actions/${id}`, { state: as, note: "so it is" }, run);
  if (isSettled) run.settled.set(id, as);
}

export async function revoke(box: string, run: RunState): Promise<void> {
  const found = await run.world.invoke("api", ({ reads }) => reads.keyAdmin.list());
  const id = found?.answer.find((key) => key.box === box)?.id;
  if (id === undefined) return;
  // From the first try on, its requests may be refused.
  run.model.revoke(box, Number.POSITIVE_INFINITY);
  if (await ask("DELETE", `/v1/keys/${id}`, null, run)) run.model.revoke(box, run.now);
}

export async function see({ report }: Step & { do: "see" }, run: RunState): Promise<void> {
  const { eventId } = expectedOf(report, run.one.start);
  const from = run.now;
  const isSeen = await ask("PUT", `/v1/events/${eventId}/seen`, null, run);
  if (isSeen && !run.seen.has(eventId)) run.seen.set(eventId, { from, until: run.now });
}

/** Everything so far has expired. DynamoDB removes some of the rows, and leaves others for days. */
export function removeExpired({ model, world, one, kept, settled, statuses, seen }: RunState): void {
  model.expired(world.scheduler.now);
  for (const remembered of [kept, settled, statuses, seen]) remembered.clear();
  // An event that is made anew is announced anew, as its action is.
  for (const taken of [world.announced, world.recorded]) taken.length = 0;
  const random = seededFor(one.seed, "expiry");
  const seconds = world.scheduler.now / 1000;
  for (const row of [...world.table.rows()]) {
    const isExpired = row["ttl"]?.N !== undefined && Number(row["ttl"].N) < seconds;
    if (isExpired && random() < 0.5) world.table.write(row["pk"]?.S ?? "", undefined);
  }
}

/** Reads the feed of changes from where it was, to its end. Of two simultaneous readers only one reads. */
export async function follow(run: RunState): Promise<void> {
  if (run.isFollowing) return;
  run.isFollowing = true;
  await followOn(run);
  run.isFollowing = false;
}

async function followOn(run: RunState): Promise<void> {
  for (let isEnd = false; !isEnd; ) {
    const page = await run.world.invoke("api", ({ reads }) => reads.feed.read(run.feedCursor, 5));
    if (page === null) return;
    for (const { event } of page.answer.items) run.followed.set(event.id, JSON.stringify(event));
    run.feedCursor = page.answer.next;
    isEnd = page.answer.isEnd;
  }
}

/** Asks the API, again and again. Returns whether it succeeded. */
async function ask(method: string, path: string, body: object | null, { world }: RunState): Promise<boolean> {
  const headers = { authorization: `Bearer ${adminToken}`, "content-type": "application/json" };
  for (let tried = 0; tried < maxPosts; tried++) {
    const answered = await world.invoke("api", async ({ app }) => {
      const sent = { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) };
      return (await app.fetch(new Request(`http://gatepost${path}`, sent), { address: "10.3.3.3" })).status;
    });
    const status = answered?.answer ?? 0;
    world.trace(`${method} ${path} is answered ${status}`);
    if (status !== 0 && status < 500) return status < 400;
    await world.scheduler.pause(1000);
  }
  return false;
}
