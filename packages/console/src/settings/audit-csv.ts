import type { Api } from "@gatepost/client";

type Entry = Api["GET /v1/audit"]["answer"]["entries"][number];

const columns = ["number", "time", "who", "id", "action", "outcome", "about", "asked", "hash"] as const;

/** The beginning of a text that a spreadsheet may run as a formula. */
const formula = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*[=+\-@＝＋－＠﹦﹢﹣﹫]/u;

/**
 * Entries of the audit log as a table (CSV, RFC 4180) that Excel and WPS open: with a byte order mark, the newest first,
 * one line each. `asked` is the number of the entry that was written before the act.
 */
export function auditCsv(entries: readonly Entry[]): string {
  const lines = entries.map(({ seq, at, by, action, outcome, about: { asked = "", ...about }, hash }) => {
    const [id, who] = "account" in by ? [by.account, by.name] : [by.key, by.note];
    const facts = Object.entries(about).map(([name, value]) => `${name}=${value}`);
    return [seq, at, who ?? "", id, action, outcome, facts.join("; "), asked, hash].map(cellOf).join(",");
  });
  return `\ufeff${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}

function cellOf(value: unknown): string {
  const text = String(value).replaceAll(/(?![\t\r\n])\p{Cc}/gu, "");
  return `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
