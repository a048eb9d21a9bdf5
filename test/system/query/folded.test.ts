import { expect, it } from "vitest";
import { fold, lookThrough } from "../../../packages/core/src/quarantine/folded.ts";

const base64 = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  Buffer.alloc(2000, "x"),
  Buffer.from([0xff, 0xd9]),
]).toString("base64");
const id = "qrt_1";

async function looked(text: string) {
  const record = { id, reason: "not-json", body: Buffer.from(text) };
  const { pictures } = await lookThrough(record);
  return fold(record, pictures);
}

it("a folded body of forty megabytes is small for any content", async () => {
  const size = 40 * 1024 * 1024;
  const large = `{"reg_pic":"${"A".repeat(size)}","after":1}`;
  expect((await looked(large)).body).toMatch(/^\{"reg_pic":\{"\$picture":\{.{60,90}\}\},"after":1\}$/);
  for (const part of ["[1],", '{"a":"b"},', "x", '"\\"",', '"reg_pic":']) {
    const { body = "", isCut } = await looked(`[${part.repeat(size / 8 / part.length)}`);
    expect([body.length, isCut]).toEqual([256 * 1024, true]);
  }
  const bytes = Buffer.alloc(size, 0xff);
  const { bodyBase64 = "", isCut } = fold({ id, body: bytes }, []);
  expect([Buffer.from(bodyBase64, "base64").length, isCut]).toEqual([256 * 1024, true]);
  const many = `[${`"${base64}",`.repeat(9000)}1]`;
  expect((await looked(many)).isCut).toBe(true);
});
