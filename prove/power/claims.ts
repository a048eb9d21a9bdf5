import * as z from "zod";

/**
 * The promises of an answer. `traces` are texts of a person that may be left in no file, or of any other data if
 * `person` is null.
 */
const claimSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("passing"),
    person: z.string(),
    report: z.enum(["realtime", "history"]),
    /** SHA-256 of each picture, by its kind. */
    pictures: z.record(z.string(), z.string()),
    wantAction: z.string().nullable(),
  }),
  /** A body that is in quarantine. */
  z.object({ kind: z.literal("quarantined"), sha256: z.string() }),
  z.object({ kind: z.literal("status"), box: z.string(), serial: z.string() }),
  z.object({ kind: z.literal("key"), token: z.string() }),
  z.object({ kind: z.literal("revoked"), token: z.string() }),
  z.object({ kind: z.literal("erased"), person: z.string().nullable(), traces: z.array(z.string()) }),
  /** Stored so long ago that it has expired. */
  z.object({ kind: z.literal("expired"), person: z.string().nullable(), traces: z.array(z.string()) }),
  z.object({ kind: z.literal("settled"), person: z.string(), state: z.string() }),
  /** A body that the bridge has, or the cloud. */
  z.object({ kind: z.literal("spooled"), sha256: z.string() }),
]);
export type Claim = z.output<typeof claimSchema>;

export const operationSchema = z.object({
  claims: z.array(claimSchema),
  /** When it began, ms since 1970. */
  begunAt: z.number(),
  /** The port of the connection on which it is answered; null for a promise from the beginning. */
  port: z.int().nullable(),
  /** Whether the sender has the answer: this counts if no calls were recorded. */
  isAnswered: z.boolean().default(false),
  /** The request to send again; null if a box does not repeat it. */
  request: z.object({ path: z.string(), body: z.string() }).nullable(),
});
export type Operation = z.output<typeof operationSchema>;

/** How far an operation has come at a moment. */
export type Progress = "unsent" | "begun" | "answered";

export interface Standing {
  operation: Operation;
  progress: Progress;
}

/** Something that another program has got from the recorded one, as a subscriber or the cloud. */
export interface Arrival {
  at: number;
  /** The id of an entry, or the SHA-256 of a body. */
  id: string;
}
