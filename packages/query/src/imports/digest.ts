import { createHash } from "node:crypto";
import type { PictureFacts, Report } from "@gatepost/protocol";
import { canonicalJson } from "../audit/entry.ts";

/**
 * A digest of what a box said in a report: the first 22 letters of a SHA-256 in base64url. It is equal in every store,
 * because it contains neither the time of receipt nor the places of pictures.
 */
export function reportDigest(report: Report): string {
  const { receivedAt: _, ...said } = withoutPlaces(report);
  return createHash("sha256").update(canonicalJson(said)).digest("base64url").slice(0, 22);
}

/** A report without the places of its pictures in a store. */
export function withoutPlaces({ pictures, ...report }: Report): Report {
  if (pictures === undefined) return report;
  const placeless = Object.entries(pictures).map(([kind, { in: _, at: __, ...facts }]): [string, PictureFacts] => [
    kind,
    facts,
  ]);
  return { ...report, pictures: Object.fromEntries(placeless) };
}
