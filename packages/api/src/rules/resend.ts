import { noneResent, type ResendCounts } from "@gatepost/core/rules";
import { dayMs, minuteMs, type StoredEvent, secondMs } from "@gatepost/protocol";
import * as z from "zod";
import { type Job, paused, type StoredResend } from "../jobs/job.ts";
import { namedObject } from "../openapi/named.ts";
import type { JobDeps } from "../ports.ts";
import { rulesOf } from "./rules-of.ts";

const count = z.int();

/** What a rule got again, or would get, and what it did not, by the reason. */
export const resent = namedObject("ResendResult", {
  sent: count.meta({ description: "Entries that the rule got; of a dry run those that it would get." }),
  had: count.meta({ description: "Entries that the rule has had, or that wait for it." }),
  tooOld: count.meta({ description: "Entries that are older than `maxAgeSeconds` of the rule." }),
  declined: count,
  done: count,
  withheld: count,
  pending: count.meta({ description: "Actions that are announced soon anyway." }),
  unmatched: count.meta({ description: "Entries that the rule does not match." }),
  dead: count.meta({ description: "Entries that the target did not take: they are dead letters." }),
  held: count.meta({
    description:
      "Entries of which people got no alert of its own: a cooldown, quiet hours, many at once, a muted person.",
  }),
  gone: count.meta({ description: "Entries whose events were erased before the end of the job." }),
});

/** The time up to which events were looked at, the ms of the next look, and the events so far. */
const progress = resent.extend({ from: z.number(), ms: z.number(), seen: z.int() });

/** Events of one look, and ms of the longest. */
const pageSize = 50;
const maxMs = 7 * dayMs;

/** ms until a look after one for which repeats waited. */
const pauseMs = secondMs;

/** Repeats that wait for a rule from which on no more are put. */
const maxWaiting = 100;

/** Events that are counted to show how far a job is. */
const maxCounted = 100_000;

/**
 * One slice of a resend: the events of some time, the oldest first. A time with too many events is halved. Repeated, it
 * puts and counts the same. The job lasts until none of its entries waits.
 */
export async function resendSlice(job: Job, asked: StoredResend, deps: JobDeps): Promise<Job> {
  const rules = rulesOf(deps);
  const { batch } = job.progress === null ? { batch: null } : paused.parse(job.progress);
  const before = batch === null ? { ...noneResent, from: asked.from, ms: minuteMs, seen: 0 } : progress.parse(batch);
  const { from, ms, seen, ...counts } = before;
  const { rule, version, dryRun } = asked;
  const again = { rule, version, job: dryRun ? null : job.id };
  const waiting = rules.waitingAgain(again);
  const ended = (put: ResendCounts): ResendCounts => {
    if (dryRun) return put;
    const became = { ...noneResent, ...rules.outcomesOf(rule, job.id) };
    const gone = put.sent - Object.values(became).reduce((sum, n) => sum + n, 0);
    return summed({ ...put, sent: 0 }, { ...became, gone: became.gone + Math.max(0, gone) });
  };
  const going = (after: z.output<typeof progress>, { waits = waiting, pause = 0 } = {}): Job => ({
    ...job,
    progress: { batch: after, notBefore: deps.clock() + pause },
    done: Math.max(job.done, after.seen - waits),
    of: Math.max(job.of, after.seen),
  });
  if (from >= asked.to && waiting === 0) return { ...job, state: "done", done: seen, of: seen, result: ended(counts) };
  if (from >= asked.to || waiting >= maxWaiting) return going(before, { pause: pauseMs });
  if (batch === null) return { ...going(before), of: await countedIn(asked, deps) };
  const to = Math.min(from + ms, asked.to);
  const { events, isWhole } = await eventsIn({ from, to }, deps);
  if (!isWhole) return going({ ...before, ms: Math.max(1, Math.floor(ms / 2)) });
  const added = await rules.resend(events, again);
  const next = { from: to, ms: Math.min(ms * 2, maxMs), seen: seen + events.length };
  return going({ ...summed(counts, added), ...next }, { waits: waiting + added.sent });
}

async function countedIn({ from, to }: StoredResend, { events }: Pick<JobDeps, "events">): Promise<number> {
  return (await events.count({ from, to }, maxCounted)).count;
}

/** The events of a time, the oldest first; not whole if there are too many, unless the time is one ms. */
async function eventsIn(
  { from, to }: { from: number; to: number },
  { events }: Pick<JobDeps, "events">,
): Promise<{ events: StoredEvent[]; isWhole: boolean }> {
  const found: StoredEvent[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof events.list>> = await events.list({ from, to }, { limit: pageSize, cursor });
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null && to - from <= 1);
  return { events: found.reverse(), isWhole: cursor === null };
}

function summed(one: ResendCounts, other: ResendCounts): ResendCounts {
  const names = Object.keys(noneResent) as (keyof ResendCounts)[];
  return Object.fromEntries(names.map((name) => [name, one[name] + other[name]])) as ResendCounts;
}
