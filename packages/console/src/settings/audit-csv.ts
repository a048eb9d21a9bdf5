import type { Api } from "@gatepost/client";
import { csvOf } from "../format/csv.ts";

type Entry = Api["GET /v1/audit"]["answer"]["entries"][number];

const columns = ["number", "time", "who", "id", "action", "outcome", "about", "asked", "hash"] as const;

/**
 * Entries of the audit log as a table (CSV, RFC 4180) that Excel and WPS open: with a byte order mark, the newest first,
 * one line each. `asked` is the number of the entry that was written before the act.
 */
export function auditCsv(entries: readonly Entry[]): string {
  const lines = entries.map(({ seq, at, by, action, outcome, about: { asked = "", ...about }, hash }) => {
    const [id, who] = "account" in by ? [by.account, by.name] : [by.key, by.note];
    const facts = Object.entries(about).map(([name, value]) => `${name}=${value}`);
    return [seq, at, who ?? "", id, action, outcome, facts.join("; "), asked, hash];
  });
  return csvOf(columns, lines);
}
