import { scryptSync } from "node:crypto";
import { hashPassword, passwordFault, verifyPassword } from "@gatepost/core/passwords";
import { describe, expect, it } from "vitest";

const person = { email: "chen.min@example.com", name: "Chen Min" };
const good = "seven green boats";
const salt = Buffer.alloc(16, 1);
/** A hash of it by other parameters, which takes no time. */
const cheap = `scrypt$1$8$3$${salt.toString("base64url")}$${scryptSync(good, salt, 32, { N: 2, p: 3 }).toString("base64url")}`;

describe("the hash of a password", () => {
  it("is salted scrypt with its parameters, and fits no other password", async () => {
    const [one, two] = [await hashPassword(good), await hashPassword(good)];
    expect(one).toMatch(/^scrypt\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect([await verifyPassword(good, one), await verifyPassword(good, two)]).toEqual([true, true]);
    for (const other of ["seven green boat", "Seven green boats", `${good} `, ""]) {
      expect([await verifyPassword(good, cheap), await verifyPassword(other, cheap)]).toEqual([true, false]);
    }
  });

  it("takes a password in either form of its letters, and of any length", async () => {
    const [composed, decomposed] = ["caf\u00e9 caf\u00e9 caf\u00e9", "cafe\u0301 cafe\u0301 cafe\u0301"];
    expect(await verifyPassword(decomposed, await hashPassword(composed))).toBe(true);
    const long = `${"密码 ".repeat(80)}a`;
    const hash = await hashPassword(long);
    expect([await verifyPassword(long, hash), await verifyPassword(`${long.slice(0, -1)}b`, hash)]).toEqual([
      true,
      false,
    ]);
  });

  it("is computed for an unknown account as well, which nothing opens", async () => {
    expect(await verifyPassword("", null)).toBe(false);
    expect(await verifyPassword(good, null)).toBe(false);
  });

  it("is computed twice at a time, and the third is refused", async () => {
    const tries = [1, 2, 3, 4].map(() => verifyPassword(good, null));
    const settled = await Promise.allSettled(tries);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "rejected"]);
    const [, , third] = settled;
    expect(third?.status === "rejected" && third.reason).toMatchObject({ kind: "too-many", retryAfter: 1 });
    expect(await verifyPassword(good, null)).toBe(false);
  });

  it.each(["", "x", "scrypt$15$8$3$x$y", `scrypt$99$8$3$${"a".repeat(22)}$${"a".repeat(43)}`])(
    "opens nothing if it is broken: %s",
    async (broken) => {
      await expect(verifyPassword(good, broken)).rejects.toThrow();
    },
  );
});

describe("a new password", () => {
  it.each([
    ["short", "must have 10 characters or more"],
    ["密码密码密码密码密", "must have 10 characters or more"],
    ["a".repeat(257), "may have 256 characters"],
    ["1q2w3e4r5t", "is among the most used"],
    ["PASSWORD123", "is among the most used"],
    ["Football99!!", "is among the most used"],
    ["dragondragon1", "is among the most used"],
    ["1111111111", "is among the most used"],
    ["Gatepost2026!", "is among the most used"],
    ["chen.min@example.com", "must not be your name or e-mail address"],
    ["ChenMin2026", "must not be your name or e-mail address"],
  ])("is refused: %s", (password, fault) => {
    expect(passwordFault(password, person)).toContain(fault);
  });

  it.each([good, "correct horse battery", "密码要足够长才可以使用", "aZ3$kq9!xP", `${"a".repeat(200)}bcd`])(
    "is taken with any characters: %s",
    (password) => {
      expect(passwordFault(password, person)).toBeNull();
    },
  );
});
