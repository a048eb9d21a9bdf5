import * as z from "zod";
import { troubleSchema } from "../aws/troubles.ts";

/** One report as a case names it. Equal names give equal reports. */
const reportSpec = z.object({
  /** Which passing it is about. */
  passing: z.int(),
  box: z.string(),
  kind: z.enum(["realtime", "history", "pass-record"]),
  /** Whether Gatepost does not know the person. */
  isStranger: z.boolean(),
  person: z.string(),
  /** Another face makes it another passing of the same person at the same time. */
  face: z.int(),
  /** Which of the members that a report may lack it has. */
  extras: z.array(z.string()),
  /** Which pictures it has beside the face. */
  pictures: z.array(z.enum(["registered", "scene"])),
  want: z.enum(["0", "1001", "1002"]),
  isFit: z.boolean(),
  /** Whether its scene cannot be read. */
  isBroken: z.boolean(),
  /** The name that it gives the person: of two that differ, the one stored first is believed. */
  name: z.string(),
});

export type ReportSpec = z.output<typeof reportSpec>;

/** ms since the beginning. */
const at = z.number();
const box = z.string();
/** Which of the processes that could do it. */
const to = z.int();

/** One action from outside, at one time. */
const step = z.discriminatedUnion("do", [
  /** A box posts reports in one body until it has its acknowledgement, or so many times. */
  z.object({ do: z.literal("post"), at, box, reports: z.array(reportSpec), to, tries: z.int().exactOptional() }),
  /** A box behind the bridge posts, one body after the other. */
  z.object({ do: z.literal("relay"), at, box, reports: z.array(reportSpec) }),
  /** A box posts a body that cannot be understood. */
  z.object({ do: z.literal("garbage"), at, box, text: z.string(), to }),
  /** A box sends its status. */
  z.object({ do: z.literal("status"), at, box, count: z.int(), to }),
  /** A process announces all pending actions. */
  z.object({ do: z.literal("sweep"), at, by: z.int() }),
  z.object({ do: z.literal("erase-person"), at, person: z.string(), box: box.nullable() }),
  z.object({ do: z.literal("erase-event"), at, report: reportSpec }),
  /** The rest of all erasures is finished. */
  z.object({ do: z.literal("finish"), at, by: z.int() }),
  /** All that is in quarantine is read again. */
  z.object({ do: z.literal("replay"), at }),
  /** The subscriber answers all announcements so far. */
  z.object({ do: z.literal("settle"), at, as: z.enum(["done", "failed"]) }),
  /** From now on the subscriber answers everything right after the bus has it. */
  z.object({ do: z.literal("answer"), at, as: z.enum(["done", "failed"]) }),
  z.object({ do: z.literal("revoke"), at, box }),
  /** A user opens the console, in so many tabs. */
  z.object({ do: z.literal("watch"), at, tabs: z.int() }),
  /** Browsers lose their network for a while, or their users turn to another tab; close a tab; their laptops sleep. */
  z.object({ do: z.literal("lose"), at }),
  z.object({ do: z.literal("close"), at }),
  z.object({ do: z.literal("sleep"), at, ms: z.number() }),
  /** A user marks an event as seen. */
  z.object({ do: z.literal("see"), at, report: reportSpec }),
  /** A reader follows the feed of changes to its end. */
  z.object({ do: z.literal("follow"), at }),
  /** Everything so far has expired, and DynamoDB removes some of it. */
  z.object({ do: z.literal("remove-expired"), at }),
]);

export type Step = z.output<typeof step>;

/** ms by which indexes lag in an ordinary year: then each row by itself, and otherwise all rows of a hash key in order. */
export const usualLagMs = 1000;

/** A whole run: the steps, the faults, and the seed of all random choices. */
export const caseSchema = z.object({
  seed: z.int(),
  /** ms since 1970. */
  start: z.number(),
  /** ms by which the clocks of the processes differ, at most. */
  skewMs: z.number(),
  /** ms by which indexes are behind at most while they lag. A case that was kept before there was the choice does not say. */
  lagMs: z.number().default(usualLagMs),
  /** Whether the bus hears of each event. A case that was kept before there was the choice does not say. */
  announcesEvents: z.boolean().default(false),
  steps: z.array(step),
  troubles: z.array(troubleSchema),
});

export type Case = z.output<typeof caseSchema>;
