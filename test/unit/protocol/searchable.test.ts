import { searchable } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyCharacter } from "../../support/arbitraries.ts";

describe("A name is found in any spelling:", () => {
  it.each([
    ["in capitals", "Jonas Keller", "JONAS KELLER"],
    ["in full-width letters", "Ada", "ＡＤＡ"],
    ["in half-width letters", "ジョン", "ｼﾞｮﾝ"],
    ["without accents", "Éva Müller", "eva muller"],
    ["with composed or combining accents", "\u00c9va", "E\u0301va"],
    ["without strokes", "Łukasz Øre", "lukasz ore"],
    ["with letters of a ligature", "Strauß Æsop", "STRAUSS AESOP"],
    ["with a final sigma", "ΟΔΥΣΣΕΥΣ", "οδυσσευσ"],
    ["without blanks", "Li Na", "lina"],
    ["with other blanks", "Li\u3000Na", "li\u00a0na"],
    ["with other dots", "阿卜杜拉·买买提", "阿卜杜拉•买买提"],
    ["with a dot of Japanese", "阿卜杜拉·买买提", "阿卜杜拉・买买提"],
    ["without the dot", "阿卜杜拉·买买提", "阿卜杜拉 买买提"],
    ["with invisible characters", "王芳", "王\u200b芳\u0000"],
    ["with a private code point of GBK", "䶮", "\ue863"],
    ["with a private code point beyond the first plane", "𠂇", "\ue816"],
  ])("%s", (_, name, typed) => {
    expect(searchable(typed)).toBe(searchable(name));
    expect(searchable(name)).not.toBe("");
  });

  it("keeps apart names of other letters, and the texts of separate lines", () => {
    expect(searchable("が")).not.toBe(searchable("か"));
    expect(searchable("กำ")).not.toBe(searchable("กา"));
    expect(searchable("a b\nc")).toBe("ab\nc");
  });

  it("gives plain texts the form that other texts get", () => {
    const unit = fc.nat({ max: 0xa000 }).map((code) => String.fromCharCode(code < 0x4e00 ? code % 0x80 : code));
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        expect(searchable(text)).toBe(searchable(`${text}\u200b`));
      }),
    );
  });

  it("is the same if it is made twice, and of a text in lower case", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const once = searchable(text);
        expect(searchable(once)).toBe(once);
        for (const character of once) expect(once).toContain(searchable(character));
      }),
    );
  });
});
