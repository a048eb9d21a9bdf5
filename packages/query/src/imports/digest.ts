import { createHash } from "node:crypto";
import type { PictureFacts, Report } from "@gatepost/protocol";
import { canonicalJson } from "../audit/entry.ts";

/**
 * The digest of what a box said in a report, equal in every store that has it: neither when it was received nor where a
 * store keeps its pictures is part of it. The first 22 letters of a SHA-256 in base64url.
 */
export function reportDigest(report: Report): string {
  const { receivedAt: _, ...said } = withoutPlaces(report);
  return createHash("sha256").update(canonicalJson(said)).digest("base64url").slice(0, 22);
}

/** A report without the objects of a store in which its pictures are. */
export function withoutPlaces({ pictures, ...report }: Report): Report {
  if (pictures === undefined) return report;
  const placeless = Object.entries(pictures).map(([kind, { in: _, at: __, ...facts }]): [string, PictureFacts] => [
    kind,
    facts,
  ]);
  return { ...report, pictures: Object.fromEntries(placeless) };
}
