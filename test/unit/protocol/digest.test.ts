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
    const digests = [{ a: 1 }, { a: 2 }, { a: "1" }, { a: null }, { a: [1] }, { b: 1 }, {}].map((body) => digest(body));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("takes a picture by the hash of its bytes", () => {
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

  it("is that of its parts, and of the bounds between them", () => {
    const ids = [["ab", "c"], ["a", "bc"], ["abc"], ["a", "b", "c"], [["ab", "c"]]].map((parts) => idOf("evt", parts));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("never changes: stored events are found by it", () => {
    expect(idOf("evt", ["passing", "gate-1", 1566016554020])).toBe("evt_wcyqqzg19awsp91tmkhdthr3m2");
  });
});
