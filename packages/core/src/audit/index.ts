export { AuditChain, auditEndIn, auditEntryKey, auditHeadKey } from "./audit-chain.ts";
export { AuditRecords } from "./audit-records.ts";
export { ChainCheck, type ChainFinding, type ChainPlace, chained } from "./chain.ts";
export {
  type AuditAbout,
  type AuditActor,
  type AuditEntry,
  type AuditHead,
  type AuditRecord,
  auditActions,
  auditActor,
  auditOutcomes,
  auditRecord,
  type ShownAuditRecord,
  shownAuditRecord,
  storedRecord,
} from "./entry.ts";
export { type AuditFilter, type AuditLog, type AuditReader, auditKeptMs } from "./ports.ts";
