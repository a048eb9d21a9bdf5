import { expect, it } from "vitest";
import { hasExpired, type Key, likeKey } from "../../../packages/console/src/settings/keys.tsx";
import { wishOf } from "../../../packages/console/src/settings/new-key.tsx";

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

it("asks for a key as its form was filled in", () => {
  const form = {
    note: " HR reports ",
    kind: "people",
    box: "",
    sees: "site dock",
    boxes: "",
    ends: "in90",
    day: "",
  } as const;
  expect(wishOf(form, now)).toEqual({
    scope: "read",
    people: true,
    note: "HR reports",
    site: "dock",
    expiresAt: "2027-02-18T08:00:00.000Z",
  });
  const limited = { ...form, kind: "read", note: "", sees: "boxes", boxes: "gate-1， lobby,", ends: "never" } as const;
  expect(wishOf(limited, now)).toEqual({ scope: "read", boxes: ["gate-1", "lobby"] });
  expect(wishOf({ ...limited, kind: "ingest", box: " gate-9 " }, now)).toEqual({ scope: "ingest", box: "gate-9" });
});
