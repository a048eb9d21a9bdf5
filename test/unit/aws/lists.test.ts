import { expect, it } from "vitest";
import { hashesOf, hashIn, listOfHash } from "../../../packages/aws/src/dynamo/lists.ts";

it.each(["boxes", "site default", "notices#"])("the list %s is spread over 16 keys of its index", (list) => {
  const hashes = hashesOf(list);
  expect(new Set(hashes).size).toBe(16);
  const used = new Set(Array.from({ length: 500 }, (_, n) => hashIn(list, `row ${n}`)));
  expect([...used].sort()).toEqual([...hashes].sort());
  for (const hash of hashes) expect(listOfHash(hash)).toBe(list);
});

it.each(["keys", "sites", "people gate-1"])("the list %s has one key of its index", (list) => {
  expect([hashesOf(list), hashIn(list, "row"), listOfHash(list)]).toEqual([[list], list, list]);
});
