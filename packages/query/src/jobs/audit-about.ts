import type { AuditAbout } from "../audit/entry.ts";
import type { JobRequest } from "./job.ts";

/** What the audit log calls a job. */
export const auditedAs = {
  export: "exported",
  erase: "person-erased",
  replay: "replayed",
  seen: "marked-seen",
} as const satisfies Record<JobRequest["kind"], string>;

/** Boxes, and characters of each text, in an entry at most: entries are kept for years. */
const maxNamed = 10;
const maxLength = 64;

/** What an entry of the audit log says of a requested job. */
export function auditAbout(asked: JobRequest, hidden: (id: string) => string): AuditAbout {
  if (asked.kind === "erase") return { person: hidden(asked.person), ...(asked.boxes && someOf(asked.boxes)) };
  if (asked.kind === "export") return { format: asked.format };
  if (asked.kind === "seen") return {};
  const { reason, box, path } = asked;
  return { ...(reason && { reason: cut(reason) }), ...(box && { box: cut(box) }), ...(path && { path: cut(path) }) };
}

function someOf(boxes: readonly string[]): AuditAbout {
  return { boxes: boxes.slice(0, maxNamed).map(cut), boxCount: boxes.length };
}

function cut(text: string): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
