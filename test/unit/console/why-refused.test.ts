import { expect, it } from "vitest";
import { whyRefused } from "../../../packages/console/src/state/failure.ts";

const now = Date.parse("2026-11-20T08:00:00Z");
const known = (expiresAt?: string) => ({
  key: { id: "key_1", scope: "read" as const, ...(expiresAt === undefined ? {} : { expiresAt }) },
});

it.each([
  ["what the server says", "expired", null, "expired"],
  ["what the server says, also of a key that worked", "expired", known(), "expired"],
  ["what the server says, also at the end of a key", "revoked", known("2026-11-20T07:59:00Z"), "revoked"],
  ["that a key which the server has forgotten had its end", "unknown", known("2026-11-20T07:59:00Z"), "expired"],
  ["that a key which worked was revoked", null, known("2026-12-20T08:00:00Z"), "revoked"],
  ["nothing of a key that never worked", "unknown", null, "unknown"],
] as const)("says %s", (_, code, me, why) => {
  expect(whyRefused(code, me, now)).toBe(why);
});
