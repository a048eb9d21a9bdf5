import { describe, expect, it } from "vitest";
import { digestOf, idOf } from "../../../packages/protocol/src/digest.ts";
import type { JsonObject } from "../../../packages/protocol/src/json.ts";

const digest = (body: JsonObject) => digestOf(body, new Map());

describe("the digest of a report", () => {
  it("does not depend on the order of members, at any depth", () => {
    expect(digest({ a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } })).toBe(digest({ b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1 }));
  });

  it.each(["reg_pic", "reg_image", "register_image", "userPhoto", "want_action", "post_action"])(
    "does not depend on %s",
    (member) => {
      expect(digest({ a: 1, [member]: "x" })).toBe(digest({ a: 1 }));
    },
  );

  it("depends on a member of such a name below the root", () => {
    expect(digest({ ext_data: { reg_pic: "x" } })).not.toBe(digest({ ext_data: {} }));
  });

  it("depends on every other value", () => {
    const digests = [
      { a: 1 },
      { a: 2 },
      { a: [1] },
      { a: ["1", "2"] },
      { a: [["1"], "2"] },
      { a: "1,2" },
      { a: { a: 1 } },
      { b: 1 },
      {},
    ];
    expect(new Set(digests.map((body) => digest(body))).size).toBe(digests.length);
  });

  it.each<[number | boolean, string]>([
    [0.5, "0.5"],
    [1_566_016_554_020, "1566016554020"],
    [-1, "-1"],
    [-0, "0"],
    [0.1 + 0.2, "0.30000000000000004"],
    [true, "true"],
    [false, "false"],
  ])("is the same for %j and for its text, in a list too", (value, text) => {
    expect(digest({ a: value, b: [value] })).toBe(digest({ a: text, b: [text] }));
  });

  it.each(["0.50", "00.5", " 0.5", "+0.5", "5e-1", ".5"])("takes the text %j as it is", (text) => {
    expect(digest({ a: text })).not.toBe(digest({ a: 0.5 }));
  });

  it("takes the texts of ids as they are", () => {
    expect(digest({ a: "007" })).not.toBe(digest({ a: "7" }));
    expect(digest({ a: "True" })).not.toBe(digest({ a: true }));
    expect(digest({ a: "" })).not.toBe(digest({}));
  });

  it.each<[string, JsonObject]>([
    ["null", { a: 1, b: null }],
    ["an object without members", { a: 1, b: {} }],
    ["a list without items", { a: 1, b: [] }],
    ["nothing but these, at any depth", { a: 1, b: { c: [null, {}], d: null } }],
  ])("leaves out %s, which forms cannot say", (_, body) => {
    expect(digest(body)).toBe(digest({ a: 1 }));
  });

  it("is the same for all empty bodies", () => {
    expect(digest({ a: null })).toBe(digest({}));
  });

  it("uses the hash of a picture's bytes", () => {
    const sent = digestOf({ pic: "AA\nAA" }, new Map([["AA\nAA", "abc"]]));
    expect(sent).toBe(digestOf({ pic: "AAAA" }, new Map([["AAAA", "abc"]])));
  });

  it("takes members of any name as data", () => {
    expect(digest(JSON.parse('{"__proto__":{"a":1}}'))).not.toBe(digest({}));
  });
});

describe("an id", () => {
  it("is 26 characters of Crockford base32 behind its prefix", () => {
    expect(idOf("qrt", ["a"])).toMatch(/^qrt_[0-9a-hjkmnp-tv-z]{26}$/);
  });

  it("depends on its parts and on the bounds between them", () => {
    const ids = [["ab", "c"], ["a", "bc"], ["abc"], ["a", "b", "c"], [["ab", "c"]]].map((parts) => idOf("evt", parts));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("never changes: stored events are found by it", () => {
    expect(idOf("evt", ["passing", "gate-1", 1566016554020])).toBe("evt_wcyqqzg19awsp91tmkhdthr3m2");
  });
});
