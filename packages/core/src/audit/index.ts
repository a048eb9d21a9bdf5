export { AuditChain, auditEndIn, auditEntryKey, auditHeadKey } from "./audit-chain.ts";
export { AuditRecords } from "./audit-records.ts";
export { ChainCheck, type ChainFinding, chained } from "./chain.ts";
export { type AuditAbout, type AuditEntry, type AuditHead, type AuditRecord, auditRecord } from "./entry.ts";
export { type AuditLog, type AuditReader, auditKeptMs } from "./ports.ts";
