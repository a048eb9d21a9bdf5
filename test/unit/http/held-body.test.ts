import { expect, it } from "vitest";
import { HeldBody } from "../../../packages/http/src/held-body.ts";

it("A body that has grown large keeps none of the memory it began in, which counts no more", () => {
  let held = 0;
  const body = new HeldBody(2_000_000, 1_000_000, (bytes) => {
    held += bytes;
  });
  body.add(new Uint8Array(64 * 1024).fill(1));
  const began = body.whole().buffer;
  expect([held, began.byteLength]).toEqual([512 * 1024, 512 * 1024]);
  body.add(new Uint8Array(600_000).fill(2));
  expect([held, body.length, began.byteLength]).toEqual([665_536, 665_536, 0]);
  expect([body.whole().at(0), body.whole().at(-1)]).toEqual([1, 2]);
  body.free();
  expect(held).toBe(0);
});
