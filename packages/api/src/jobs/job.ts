import { createHash, randomBytes } from "node:crypto";
import type { ErasureLog } from "@gatepost/core/erasure";
import { anyPersonText, boxText, type EventFilter, eventFilter, moment, text } from "@gatepost/core/events";
import type { JobQueue, Jobs, StoredJob } from "@gatepost/core/jobs";
import { takesSeveral } from "@gatepost/core/lists";
import type { Log } from "@gatepost/core/log";
import type { LimitedKey } from "@gatepost/core/quarantine";
import { type MappingId, omitAbsent, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { decideRequest, outcomeOf, type StoredDecision, type StoredUndo } from "../acting/decision.ts";
import { csvColumns } from "../exports/csv.ts";
import { dayRange, only } from "../hours/days-asked.ts";
import { ofSite, siteText } from "../names.ts";
import { namedWords, sentObject } from "../openapi/named.ts";

export const exportFormats = ["csv", "ndjson", "zip", "xlsx"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A filter as JSON: a parameter that may be given several times is a text or a list here. */
const filter = sentObject("JobFilter", {
  ...Object.fromEntries(
    Object.entries(eventFilter).map(([name, asked]) => [
      name,
      takesSeveral(asked) ? oneOrList(asked) : asked.meta({ description: undefined }),
    ]),
  ),
  ...ofSite,
}) as unknown as z.ZodType<EventFilter & { site?: string }, Record<string, unknown>>;

function oneOrList(asked: z.ZodExactOptional) {
  const list = (asked.unwrap() as z.ZodType).meta({ description: undefined });
  return z
    .union([
      z
        .string()
        .transform((value) => [value])
        .pipe(list as z.ZodType<unknown, string[]>),
      list,
    ])
    .exactOptional();
}

const boxes = z.array(boxText).min(1).max(50);

const exportEvents = sentObject("EventsExport", {
  kind: z.literal("export"),
  what: z.literal("events").optional().meta({ description: "Events if it is absent." }),
  format: z.enum(exportFormats).meta({ description: "`zip` contains `events.csv`, and each picture as a file." }),
  filter: filter.default({}).meta({ description: "The same filters as in `GET /v1/events`." }),
  columns: z
    .array(z.enum(csvColumns))
    .min(1)
    .max(csvColumns.length)
    .refine((columns) => new Set(columns).size === columns.length, "must name each column once")
    .exactOptional()
    .meta({ description: "The columns of `csv`, `zip` and `xlsx`, in this order; all by default." }),
});

/** A table by the clocks of a site. */
const tableFormat = namedWords("TableFormat", ["csv", "xlsx"], "`xlsx` has at most 1,048,575 rows.");
const groupText = z.string().min(1).max(256).exactOptional();

const exportHours = sentObject("HoursExport", {
  kind: z.literal("export"),
  what: z
    .literal("hours")
    .meta({ description: "A row a person and day, with the measured times beside corrected ones." }),
  format: tableFormat,
  filter: z
    .strictObject({
      site: siteText,
      ...dayRange,
      group: groupText,
      only: z.array(z.enum(only)).min(1).exactOptional().meta({ description: "Only people with such a day." }),
    })
    .meta({ description: "The same filters as in `GET /v1/hours`." }),
});

const exportPeople = sentObject("PeopleExport", {
  kind: z.literal("export"),
  what: z.literal("people").meta({ description: "A row a known person." }),
  format: tableFormat,
  filter: z
    .strictObject({
      site: siteText,
      q: z.string().min(1).max(256).exactOptional().meta({ description: "A part of the name, its pinyin, or the id." }),
      kind: z.array(z.enum(personTypes)).min(1).exactOptional(),
      group: groupText,
      seenAfter: moment.exactOptional(),
      seenBefore: moment.exactOptional(),
      scoreBelow: z.int().min(0).max(100).exactOptional(),
    })
    .meta({ description: "The same filters as in `GET /v1/people`." }),
});

const exportRequest = z.discriminatedUnion("what", [exportEvents, exportHours, exportPeople]);

const eraseRequest = z
  .strictObject({
    kind: z.literal("erase"),
    person: anyPersonText,
    boxes: boxes.exactOptional().meta({ description: "The boxes whose events of the person are erased." }),
    all: z
      .literal(true)
      .exactOptional()
      .meta({ description: "The events at every box, also at boxes that appear later." }),
    fromBoxes: z
      .literal(true)
      .exactOptional()
      .meta({
        description:
          "Also removes the person from the person libraries of these boxes, or of all boxes, by the bridges that may " +
          "act on them. The receipt counts the boxes that were asked.",
      }),
  })
  .refine((asked) => (asked.boxes === undefined) !== (asked.all === undefined), {
    path: ["boxes"],
    message: 'name the boxes whose events of the person go, or give "all":true for every box',
  })
  .meta({ id: "ErasureRequest" });

const replayRequest = sentObject("ReplayRequest", {
  kind: z.literal("replay"),
  reason: text.exactOptional().meta({ description: "Only records with this reason, as `not-json`." }),
  box: boxText.exactOptional().meta({ description: "Only records of this box." }),
  path: text.exactOptional().meta({ description: "Only records received on this path, as `/HistoryEvent`." }),
});

const seenRequest = sentObject("SeenRequest", {
  kind: z.literal("seen"),
  filter: filter.default({}).meta({ description: "The events to mark as seen, with the filters of `GET /v1/events`." }),
});

/** The request of a client. */
export const jobRequest = z
  .discriminatedUnion("kind", [exportRequest, eraseRequest, replayRequest, seenRequest, decideRequest])
  .meta({ type: "object" });

export type JobRequest = z.output<typeof jobRequest>;
/** Exports as they are stored: with the boxes that the caller saw. */
export type EventsRequest = z.output<typeof exportEvents>;
type OfBoxes<Request extends { filter: object }> = Omit<Request, "filter"> & {
  filter: Request["filter"] & { boxes?: readonly string[] };
};
type HoursRequest = OfBoxes<z.output<typeof exportHours>>;
type PeopleRequest = OfBoxes<z.output<typeof exportPeople>>;
export type ExportRequest = EventsRequest | HoursRequest | PeopleRequest;
type EraseRequest = z.output<typeof eraseRequest>;
export type ReplayRequest = z.output<typeof replayRequest>;
export type SeenRequest = z.output<typeof seenRequest>;

/** An ended erasure: a keyed hash replaces the person's id. */
interface Erasure {
  kind: "erase";
  subject: string;
}

/** An erasure with the boxes that are asked to remove the person: those that existed when it was requested. */
export type StoredEraseRequest = EraseRequest & { libraries?: readonly string[] };

/** An export with the sites of the caller that asked, if the caller is limited to sites. */
type StoredExportRequest = ExportRequest & { ofSites?: readonly string[] };

/** A replay of one record: a long batch, or the rest of one. No client asks for it. */
export type StoredReplayRequest = ReplayRequest & { record?: string; key?: LimitedKey };

/** The undo of a mapping and its replays. No client asks for it by `POST /v1/jobs`. */
export interface StoredUndoMapping {
  kind: "undo";
  mapping: MappingId;
}

/** A rule gets again what it has not had, of the passings in a time (ms). No client asks for it by `POST /v1/jobs`. */
export interface StoredResend {
  kind: "resend";
  rule: string;
  version: string;
  from: number;
  to: number;
  dryRun: boolean;
}

/** The progress of a job that pauses, and ms since 1970 before which nothing is done. */
export const paused = z.object({ batch: z.unknown(), notBefore: z.number() });

/** The request of a job, as it is stored. */
export type JobQuestion =
  | StoredExportRequest
  | StoredEraseRequest
  | StoredReplayRequest
  | SeenRequest
  | StoredDecision
  | StoredUndo
  | StoredUndoMapping
  | StoredResend
  | Erasure;

export type Job = StoredJob<JobQuestion>;
export type JobStore = Jobs<JobQuestion>;

/** A job that has not begun. */
export function newJob(id: string, { by, asked }: Pick<Job, "by" | "asked">, now: number): Job {
  return {
    id,
    step: 0,
    by,
    state: "waiting",
    asked,
    progress: null,
    done: 0,
    of: asked.kind === "decide" ? asked.actions.length : 0,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    result: null,
    reason: null,
  };
}

/** An id for a job that nothing else names. */
export function newJobId(): string {
  return `job_${randomBytes(12).toString("hex")}`;
}

/** The id of the one job for a task. */
export function jobIdOf(task: string): string {
  return `job_${createHash("sha256").update(task).digest("hex").slice(0, 24)}`;
}

/** Queues a stored job. If that fails, the search for forgotten jobs will run it: to refuse it would run a refused job. */
export async function queueJob(
  id: string,
  { jobs, log }: { jobs: { queue: Pick<JobQueue, "push"> }; log: Pick<Log, "warn"> },
): Promise<void> {
  await jobs.queue
    .push(id)
    .catch((cause: unknown) => log.warn("could not start a job, it is started later", { id, cause }));
}

/** The boxes that the filter of a job names: those that were asked for, and those that the caller saw. */
export function boxesNamed({ filter }: ExportRequest | SeenRequest): Pick<EventFilter, "box" | "boxes"> {
  const { box, boxes } = { box: undefined, ...filter };
  return omitAbsent({ box, boxes }) as Pick<EventFilter, "box" | "boxes">;
}

/** An ended job without personal data: an erasure keeps a keyed hash of the person, a filter only its boxes. */
export async function ended(
  job: Job & { state: "done" | "failed" | "stopped" },
  { jobs, clock }: { jobs: { erasures: Pick<ErasureLog, "subjectOf"> }; clock(): number },
): Promise<Job> {
  const { asked } = job;
  const over = { ...job, progress: null, endedAt: clock() };
  if (asked.kind === "export" || asked.kind === "seen") {
    // Only the boxes are read later.
    return { ...over, asked: { ...asked, filter: boxesNamed(asked) } as JobQuestion };
  }
  if (asked.kind === "decide") {
    const { photos: _, ...rest } = { photos: null, ...asked };
    return { ...over, asked: rest, result: outcomeOf(job) };
  }
  if (asked.kind !== "erase" || "subject" in asked) return over;
  return { ...over, asked: { kind: "erase", subject: await jobs.erasures.subjectOf(asked.person) } };
}
