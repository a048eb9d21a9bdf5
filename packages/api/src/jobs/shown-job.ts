import { hasEnded, jobKinds, jobStates, resultLifetimeMs } from "@gatepost/core/jobs";
import { instantOrNull, parseStored } from "@gatepost/protocol";
import * as z from "zod";
import type { About } from "../access/audited.ts";
import { decided, outcomeOf } from "../acting/decision.ts";
import { receipt } from "../erasure/erase.ts";
import { removalsNow, removalsOnReceipt } from "../erasure/from-boxes.ts";
import { exportFile, exportLink, linkMs } from "../exports/link.ts";
import { undone } from "../mappings/undo.ts";
import { growingWords, namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { keptRecord } from "../quarantine/replay.ts";
import { resent } from "../rules/resend.ts";
import { type Job, type JobRequest, jobIdOf } from "./job.ts";

const erasedResult = z.looseObject({ removals: removalsOnReceipt });

const exportedResult = z.looseObject({ events: z.int() });

const exported = namedObject("ExportResult", {
  events: z.int(),
  url: z
    .string()
    .nullable()
    .meta({ description: "A link that needs no key, for ten minutes. Null once the result is removed." }),
  expires: z.iso.datetime().nullable(),
});
const replayed = namedObject("ReplayResult", {
  stored: z.int().meta({ description: "Records of events. A long batch is one." }),
  noEvent: z
    .int()
    .exactOptional()
    .meta({
      description:
        "Records that left quarantine without an event: they only show that the gate is there, or are about a passing that was " +
        "erased. Absent if an earlier version did the job: then these are among `stored`.",
    }),
  kept: z.array(keptRecord).meta({ description: "At most a thousand." }),
});

const marked = namedObject("MarkResult", { events: z.int() });

/** A job as the API shows it. */
export const jobAnswer = namedObject("Job", {
  id: z.string(),
  kind: growingWords(jobKinds),
  state: z.enum(jobStates),
  done: z.int().meta({ description: "Events or records so far." }),
  of: z.int().meta({ description: "Their total. It grows while they are counted." }),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  reason: z.string().nullable(),
  result: z.union([exported, replayed, receipt, undone, marked, decided, resent]).nullable(),
});

export async function shownJob(job: Job, deps: ApiPorts) {
  const { id, asked, state, done, of, startedAt, endedAt, reason } = job;
  const times = { startedAt: instantOrNull(startedAt), endedAt: instantOrNull(endedAt) };
  return { id, kind: asked.kind, state, done, of, ...times, reason, result: await shownResult(job, deps) };
}

async function shownResult(job: Job, deps: ApiPorts): Promise<unknown> {
  const erased = job.asked.kind === "erase" ? erasedResult.safeParse(job.result) : null;
  if (erased?.success === true) {
    return { ...erased.data, removals: await removalsNow(job.id, erased.data.removals, deps) };
  }
  if (job.asked.kind === "decide" && hasEnded(job)) return shownDecisions(job, deps);
  if (job.result === null || job.asked.kind !== "export") return job.result;
  const { events } = parseStored(exportedResult, job.result, `the result of ${job.id}`);
  const isGone = deps.clock() >= (job.endedAt ?? 0) + resultLifetimeMs;
  if (isGone) return { events, url: null, expires: null };
  const signedLink = await deps.jobs.exports.link(job.id, exportFile(job.id, job.asked), linkMs);
  return { events, ...(signedLink ?? exportLink(job.id, deps)) };
}

async function shownDecisions(job: Job, { jobs }: ApiPorts): Promise<z.output<typeof decided>> {
  const { decided: places, leftOut, failed } = outcomeOf(job);
  const undo = await jobs.store.get(undoOf(job.id));
  return { decided: places.length, leftOut, failed, undo: undo?.id ?? null };
}

/** The id of the job that takes another one back: there is one at most. */
export function undoOf(job: string): string {
  return jobIdOf(`undo ${job}`);
}

/** The name of a job in the audit log. */
export const auditedAs = {
  export: "exported",
  erase: "person-erased",
  replay: "replayed",
  seen: "marked-seen",
  decide: "actions-decided",
} as const satisfies Record<JobRequest["kind"], string>;

/** Boxes, and characters of each text, in an entry at most: entries are kept for years. */
const maxNamed = 10;
const maxLength = 64;

/** The facts of a requested job for the audit log. */
export function auditAbout(asked: JobRequest, hidden: (id: string) => string): About {
  if (asked.kind === "erase") {
    const { person, boxes } = asked;
    return { person: hidden(person), boxes: boxes?.slice(0, maxNamed).map(cut), boxCount: boxes?.length };
  }
  if (asked.kind === "export") return { format: asked.format, what: asked.what };
  if (asked.kind === "seen") return {};
  if (asked.kind === "decide") {
    return { do: asked.do, reason: asked.reason, count: asked.actions?.length ?? asked.expect ?? 0 };
  }
  const { reason, box, path } = asked;
  return { reason: reason && cut(reason), box: box && cut(box), path: path && cut(path) };
}

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
