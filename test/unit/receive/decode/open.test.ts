import { expect, it } from "vitest";
import { utf8Of } from "../../../../packages/receive/src/decode/body.ts";

it.each([
  ["UTF-16", "utf16le", '[{"name":"小明"}]', '[{"name":"小明"}]'],
  ["UTF-16 that ends within a character", "utf16le", "[\ud83d", ""],
] as const)("a body of %s is told in UTF-8, or not at all", async (_, charset, text, expected) => {
  const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, charset)]);
  expect((await utf8Of(bytes, {})).toString()).toBe(expected);
});
