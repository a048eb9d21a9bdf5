import { isObject } from "@gatepost/protocol";
import * as z from "zod";

/** The actions that the audit log records. */
export const auditActions = [
  "key-made",
  "key-revoked",
  "account-invited",
  "account-changed",
  "account-removed",
  "setup-link-made",
  "signed-in",
  "sign-ins-refused",
  "sessions-ended",
  "factor-added",
  "factor-removed",
  "factors-reset",
  "company-changed",
  "provider-unreachable",
  "event-erased",
  "person-erased",
  "replayed",
  "dead-letters-sent",
  "pictures-read",
  "exported",
  "marked-seen",
  "acknowledged",
  "acknowledgement-taken-back",
  "noted",
  "rule-changed",
  "setting-changed",
  "presence-corrected",
  "roll-begun",
  "roll-ticked",
  "roll-closed",
  "roll-linked",
  "hours-corrected",
  "last-day-set",
  "roster-changed",
  "month-closed",
  "schedule-changed",
  "mapping-made",
  "mapping-changed",
  "mapping-removed",
  "mapping-undone",
  "action-approved",
  "action-undone",
  "action-declined",
  "action-reopened",
  "actions-decided",
  "actions-undone",
  "imported",
] as const;

/**
 * `asked` is written before anything is done, so that nothing is done unrecorded. The result is a second entry: `done`,
 * `refused` (4xx) or `failed` (it may have been done partly). An `asked` without a second entry was interrupted.
 */
export const auditOutcomes = ["asked", "done", "refused", "failed"] as const;

const about = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
  .meta({ description: "The subject: ids, boxes, numbers. The id of an erased person or event is a keyed hash." });

/** The subject of an entry. It contains no personal data: ids of persons and events are keyed hashes. */
export type AuditAbout = z.output<typeof about>;

const auditEntry = z.object({
  action: z.enum(auditActions),
  outcome: z.enum(auditOutcomes),
  by: z.string().meta({
    description:
      "The id of the account or key; `key_process` for the command line on the machine, `setup` for the user of a first link.",
  }),
  from: z.string().nullable().meta({ description: "A keyed hash of the address; null if there was none." }),
  about,
});

export type AuditEntry = z.output<typeof auditEntry>;

/** An entry in the chain. */
export const auditRecord = auditEntry.extend({
  seq: z.int().meta({ description: "Its number, from 1, without a gap." }),
  id: z.string(),
  at: z.iso.datetime(),
  previous: z.string().nullable().meta({ description: "`hash` of the entry before; null for the first." }),
  previousAt: z.iso.datetime().nullable(),
  hash: z.string().meta({ description: "SHA-256 of all members but this one." }),
});

export type AuditRecord = z.output<typeof auditRecord>;

/** Who is behind an id in the log, as readers get it. */
export const auditActor = z.union([
  z
    .object({
      account: z.string(),
      name: z.string().nullable().meta({ description: "Also of a removed account; null if nothing of it is kept." }),
    })
    .meta({ id: "AccountActor" }),
  z
    .object({
      key: z
        .string()
        .meta({ description: "`key_process` is the command line on the machine, `setup` the user of a first link." }),
      note: z.string().nullable(),
    })
    .meta({ id: "KeyActor" }),
]);

export type AuditActor = z.output<typeof auditActor>;

/** An entry as readers get it. */
export const shownAuditRecord = auditRecord.extend({ by: auditActor });

export type ShownAuditRecord = z.output<typeof shownAuditRecord>;

/** The entry as it is stored, and as its hash is made: `by` is the id alone. */
export function storedRecord({ by, ...record }: ShownAuditRecord): AuditRecord {
  return { ...record, by: "account" in by ? by.account : by.key };
}

/** The end of the chain. */
export interface AuditHead {
  seq: number;
  hash: string;
}

/**
 * JSON of a value with sorted members, so that equal values give the same text. Hashes of stored entries depend on it.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, one) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}
