/** The beginning of a text that a spreadsheet may run as a formula. */
const formula = /^[\s\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]*[=+\-@＝＋－＠﹦﹢﹣﹫]/u;

/**
 * A table (CSV, RFC 4180) that Excel and WPS open: with a byte order mark, and without texts that they would run as a
 * formula.
 */
export function csvOf(columns: readonly string[], lines: readonly (readonly unknown[])[]): string {
  const rows = lines.map((line) => line.map(cellOf).join(","));
  return `\ufeff${[columns.join(","), ...rows].join("\r\n")}\r\n`;
}

/** A text of such a table, without the quote in front that keeps it from running. */
export function unguarded(text: string): string {
  return text.startsWith("'") && formula.test(text.slice(1)) ? text.slice(1) : text;
}

function cellOf(value: unknown): string {
  const text = String(value).replaceAll(/(?![\t\r\n])\p{Cc}/gu, "");
  return `"${(formula.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
