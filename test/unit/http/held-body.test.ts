import { describe, expect, it } from "vitest";
import { HeldBody } from "../../../packages/http/src/held-body.ts";

it("A body that has grown large releases the memory it began in", () => {
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

describe("A body", () => {
  it.each([
    ["small ones first", [1, 65_536, 10, 400_000, 600_000]],
    ["a large one first", [600_000, 1, 65_536]],
    ["one alone, and another", [1000, 1]],
  ])("is whole for any declared length and any pieces: %s", (_, lengths) => {
    const pieces = () => lengths.map((length, at) => new Uint8Array(length).fill(at + 1));
    const whole = Buffer.concat(pieces());
    for (const declared of [0, 1, 2000, whole.length, 2_000_000]) {
      const body = new HeldBody(2_000_000, declared, () => {});
      for (const piece of pieces()) body.add(piece);
      expect(body.whole().equals(whole)).toBe(true);
    }
  });

  it("frees its memory at once even if it is small", () => {
    const body = new HeldBody(1000, 100, () => {});
    body.add(new Uint8Array(10));
    const { buffer } = body.whole();
    body.free();
    expect(buffer.byteLength).toBe(0);
  });

  it("frees the memory of each piece once large, unless that is shared", () => {
    const body = new HeldBody(2_000_000, 0, () => {});
    body.add(new Uint8Array(600_000));
    const [own, others] = [new Uint8Array(1000), new Uint8Array(2000)];
    const sharing = others.subarray(0, 1000);
    for (const piece of [own, sharing]) body.add(piece);
    expect([body.length, own.length, sharing.length]).toEqual([602_000, 0, 1000]);
  });
});
