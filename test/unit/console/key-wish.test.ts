import { expect, it } from "vitest";
import { hasExpired, type Key, likeKey } from "../../../packages/console/src/settings/keys.tsx";

const now = Date.parse("2026-11-20T08:00:00Z");
const key: Key = {
  id: "key_1",
  scope: "read",
  box: null,
  boxes: ["gate-1"],
  note: "the fire brigade",
  createdAt: "2026-11-01T08:00:00.000Z",
  lastUsedAt: null,
  revokedAt: null,
};

it("asks for a key with the same rights and the same end", () => {
  const expiresAt = "2026-12-01T08:00:00.000Z";
  expect(likeKey(key, now)).toEqual({ scope: "read", boxes: ["gate-1"], note: "the fire brigade" });
  expect(likeKey({ ...key, expiresAt }, now)).toMatchObject({ boxes: ["gate-1"], expiresAt });
});

it("asks for a key of the same duration if the old one has expired", () => {
  const ended = { ...key, expiresAt: "2026-11-08T08:00:00.000Z" };
  expect(hasExpired(ended, now)).toBe(true);
  expect(likeKey(ended, now).expiresAt).toBe("2026-11-27T08:00:00.000Z");
  expect(hasExpired(key, now)).toBe(false);
});
