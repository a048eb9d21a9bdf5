import type * as z from "zod";

/** The error in a file, and what to do. */
export function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return `unknown ${issue.keys.join(", ")}; remove it, or see docs/bridge.md`;
  return issue.message;
}
