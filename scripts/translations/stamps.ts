import { digestOf, sectionsOf } from "./page.ts";

const comment = /\n<!-- Written from these sections of the English page\.[^\n]*\n([\s\S]*?)-->\n?$/;

/** A line for each section of an English page: the digest of its words, and its heading. */
export function stampsOf(english: string): string[] {
  return sectionsOf(english).map((section) => `${digestOf(section)} ${section.heading}`);
}

/** The lines that a Chinese page has at its end: what the English sections were when it was written. */
export function stampsIn(chinese: string): string[] {
  return comment.exec(chinese)?.[1]?.trim().split("\n") ?? [];
}

/** The Chinese page with a note of the English sections as they are now. */
export function stamped(chinese: string, english: string): string {
  const note = "Written from these sections of the English page. `npm run translated -- PAGE` renews the list:";
  return `${chinese.replace(comment, "").trimEnd()}\n\n<!-- ${note}\n${stampsOf(english).join("\n")}\n-->\n`;
}
