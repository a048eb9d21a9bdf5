import { describe, expect, it } from "vitest";
import { decodePicture } from "../../../packages/protocol/src/picture.ts";
import { jpeg } from "../../support/pictures.ts";

const lines = (text: string, end: string) => text.replaceAll(/.{76}/g, `$&${end}`);

describe("a picture", () => {
  it("may have 5 MB in lines, or with more white space than digits", () => {
    const largest = Buffer.alloc(5 * 1024 * 1024);
    jpeg("face").copy(largest);
    const text = largest.toString("base64");
    expect(decodePicture(lines(text, "\r\n"))?.bytes).toBe(largest.length);
    expect(decodePicture(text + " ".repeat(text.length))?.bytes).toBe(largest.length);
    const larger = Buffer.concat([largest, Buffer.from([0])]).toString("base64");
    expect(decodePicture(lines(larger, "\n"))).toBeNull();
  });

  it("is null for a too long text that is no base64", () => {
    expect(decodePicture("*".repeat(20_000_000))).toBeNull();
    expect(decodePicture(`${" ".repeat(4_000_000)}*`)).toBeNull();
  });
});
