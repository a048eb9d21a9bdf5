import { boxText, moment } from "@gatepost/core/events";
import { actionNames, declineReasons, parseActionId, type WantAction } from "@gatepost/protocol";
import * as z from "zod";
import { ofSite, photoText } from "../names.ts";
import { growingWords, namedObject } from "../openapi/named.ts";

/** Actions that one job decides, at most: as many as a count looks at. */
export const maxDecided = 2000;

/** Bytes of a request that names all of them, with their photos. */
export const maxDecisionBytes = 384 * 1024;

const actionText = z
  .string()
  .refine((id) => parseActionId(id) !== null, "must be the id of an action, `act_…`")
  .meta({ pattern: "^act_" });

const wants = Object.keys(actionNames) as [WantAction, ...WantAction[]];

const filter = z.strictObject({
  want: z.enum(wants).exactOptional(),
  box: boxText.exactOptional(),
  match: z.int().min(0).max(100).exactOptional().meta({ description: "With this match of 100, or a higher one." }),
  quality: z.enum(["good", "poor"]).exactOptional(),
  ...ofSite,
});

/** The request of a client to decide many actions. */
export const decideRequest = z
  .strictObject({
    kind: z.literal("decide"),
    do: z.enum(["decline", "done", "take-photo"]).meta({
      description:
        "`take-photo` approves updates of photos, with a match of 90 or more, a quality that is not poor, and a " +
        "registered photo; others are left out.",
    }),
    actions: z
      .array(actionText)
      .min(1)
      .max(maxDecided)
      .refine((ids) => new Set(ids).size === ids.length, "must name each action once")
      .exactOptional(),
    filter: filter.exactOptional().meta({ description: "In place of `actions`: the open actions that match." }),
    until: moment.exactOptional().meta({ description: "With `filter`: no action that was made later." }),
    expect: z
      .int()
      .min(1)
      .exactOptional()
      .meta({ description: "With `filter`: how many match. If others do, the answer is 409 `changed`." }),
    reason: z.enum(declineReasons).nullable().default(null),
    boxes: z.literal("site").exactOptional().meta({
      description: "Photos go to every box of a site that shares its people. By default only to the box that asked.",
    }),
    photos: z.record(actionText, photoText).exactOptional().meta({
      description: "The SHA-256 of the photo that the user looked at, by action. No other photo is taken.",
    }),
  })
  .refine((asked) => (asked.actions === undefined) !== (asked.filter === undefined), {
    path: ["actions"],
    message: "name the actions, or give a filter",
  })
  .refine((asked) => (asked.filter === undefined) === (asked.until === undefined || asked.expect === undefined), {
    path: ["filter"],
    message: "give until and expect with a filter, and without one neither",
  })
  .meta({ id: "DecisionRequest" });

export type DecideRequest = z.output<typeof decideRequest>;

/** A decision as it is stored: each action that it is about, and the boxes that share their people. */
export interface StoredDecision extends Pick<DecideRequest, "kind" | "reason"> {
  do: DecideRequest["do"];
  actions: readonly string[];
  photos?: Readonly<Record<string, string>>;
  together: readonly (readonly string[])[];
}

/** The decision to take back an earlier job, which ran from `since` to `until` (instants). */
export interface StoredUndo {
  kind: "decide";
  do: "undo";
  of: { job: string; do: "decline" | "take-photo"; by: string; since: string; until: string };
  actions: readonly string[];
}

/**
 * Why an action is left out: it is gone or not open any more, is being carried out, is no update of a photo, or
 * its match, quality or pictures are not good enough to take the photo unseen.
 */
const leftOutFor = ["gone", "state", "ordered", "kind", "match", "quality", "picture"] as const;
export type LeftOut = (typeof leftOutFor)[number];

/** Actions that a result names at most. */
export const maxNamed = 1000;

const named = <Why extends z.ZodType>(why: Why) => z.array(z.object({ action: z.string(), why })).max(maxNamed);

/** The results so far. `decided` has the places of decided actions in the request. */
const outcome = z.object({
  decided: z.array(z.int()),
  leftOut: named(growingWords(leftOutFor)),
  failed: named(z.string()),
});
export type DecisionOutcome = z.output<typeof outcome>;

/** The result of a job that decides, as the API shows it. */
export const decided = namedObject("DecisionResult", {
  decided: z.int(),
  leftOut: outcome.shape.leftOut.meta({ description: "At most a thousand." }),
  failed: outcome.shape.failed.meta({ description: "At most a thousand." }),
  undo: z.string().nullable().meta({ description: "The job that takes it back; null if there is none." }),
});

/** The results of a job so far. */
export function outcomeOf({ progress, result }: { progress: unknown; result: unknown }): DecisionOutcome {
  const stored = result ?? progress;
  return stored === null ? { decided: [], leftOut: [], failed: [] } : outcome.parse(stored);
}
