export { ChainCheck, type ChainFinding, chained } from "./chain.ts";
export { type AuditAbout, type AuditEntry, type AuditHead, type AuditRecord, auditRecord } from "./entry.ts";
export { type AuditLog, type AuditReader, auditKeptMs, hourOf, picturesRead, signInEveryMs } from "./ports.ts";
