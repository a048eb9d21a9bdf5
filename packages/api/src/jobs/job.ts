import type { ErasureLog } from "@gatepost/core/erasure";
import { anyPersonText, boxText, type EventFilter, eventFilter, text } from "@gatepost/core/events";
import type { Jobs, StoredJob } from "@gatepost/core/jobs";
import { takesSeveral } from "@gatepost/core/lists";
import * as z from "zod";
import { ofSite } from "../names.ts";
import { csvColumns } from "./csv.ts";

export const exportFormats = ["csv", "ndjson", "zip"] as const;

/** A filter as JSON: a parameter that may be given several times is a text or a list here. */
const filter = z.strictObject({
  ...Object.fromEntries(
    Object.entries(eventFilter).map(([name, asked]) => [name, takesSeveral(asked) ? oneOrList(asked) : asked]),
  ),
  ...ofSite,
}) as unknown as z.ZodType<EventFilter & { site?: string }, Record<string, unknown>>;

function oneOrList(asked: z.ZodExactOptional) {
  const list = asked.unwrap();
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

const exportRequest = z.strictObject({
  kind: z.literal("export"),
  format: z.enum(exportFormats).meta({ description: "`zip` contains `events.csv`, and each picture as a file." }),
  filter: filter.default({}).meta({ description: "The same filters as in `GET /v1/events`." }),
  columns: z
    .array(z.enum(csvColumns))
    .min(1)
    .max(csvColumns.length)
    .refine((columns) => new Set(columns).size === columns.length, "must name each column once")
    .exactOptional()
    .meta({ description: "The columns of `csv` and `zip`, in this order; all by default." }),
});

const eraseRequest = z
  .strictObject({
    kind: z.literal("erase"),
    person: anyPersonText.meta({ description: "The person's id, as the box sent it." }),
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
  });

const replayRequest = z.strictObject({
  kind: z.literal("replay"),
  reason: text.exactOptional().meta({ description: "Only records with this reason, as `not-json`." }),
  box: boxText.exactOptional().meta({ description: "Only records of this box." }),
  path: text.exactOptional().meta({ description: "Only records received on this path, as `/HistoryEvent`." }),
});

const seenRequest = z.strictObject({
  kind: z.literal("seen"),
  filter: filter.default({}).meta({ description: "The events to mark as seen, with the filters of `GET /v1/events`." }),
});

/** The request of a client. */
export const jobRequest = z
  .discriminatedUnion("kind", [exportRequest, eraseRequest, replayRequest, seenRequest])
  .meta({ type: "object" });

export type JobRequest = z.output<typeof jobRequest>;
export type ExportRequest = z.output<typeof exportRequest>;
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

/** A replay of one record: the rest of a long batch. No client asks for it. */
export type StoredReplayRequest = ReplayRequest & { record?: string };

/** The request of a job, as it is stored. */
export type Asked = StoredExportRequest | StoredEraseRequest | StoredReplayRequest | SeenRequest | Erasure;

export type Job = StoredJob<Asked>;
export type JobStore = Jobs<Asked>;

/** An ended job without personal data: an erasure keeps a keyed hash of the person, a filter only its boxes. */
export async function ended(
  job: Job & { state: "done" | "failed" | "stopped" },
  { jobs, clock }: { jobs: { erasures: Pick<ErasureLog, "subjectOf"> }; clock(): number },
): Promise<Job> {
  const { asked } = job;
  const over = { ...job, progress: null, endedAt: clock() };
  if (asked.kind === "export" || asked.kind === "seen") {
    const { box, boxes } = asked.filter;
    const named = { ...(box === undefined ? {} : { box }), ...(boxes === undefined ? {} : { boxes }) };
    return { ...over, asked: { ...asked, filter: named } };
  }
  if (asked.kind !== "erase" || "subject" in asked) return over;
  return { ...over, asked: { kind: "erase", subject: await jobs.erasures.subjectOf(asked.person) } };
}
