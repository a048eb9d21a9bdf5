import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDense, decodeDenseBytes } from "../../../packages/protocol/src/base64.ts";
import { decodePicture, isTruncated } from "../../../packages/protocol/src/picture.ts";
import { jpeg, photo, png, sha256 } from "../../support/pictures.ts";

const face = jpeg("face");
const plain = photo("face");
/** Base64 that needs no padding: each four digits are three bytes. */
const wholeBytes = Buffer.concat([face, Buffer.alloc(3 - (face.length % 3))]).toString("base64");
const lines = (text: string, end: string) => text.replaceAll(/.{76}/g, `$&${end}`);
/** A JPEG whose base64 has both characters that the URL-safe alphabet writes differently. */
const odd = Buffer.concat([jpeg("odd"), Buffer.from([0xfb, 0xff, 0xbf, 0xfb, 0xff])]);

describe("a picture", () => {
  it.each([
    ["plain base64", plain],
    ["base64 in lines of 76", lines(plain, "\n")],
    ["base64 in lines that end in CR LF", `${lines(plain, "\r\n")}\r\n`],
    ["base64 without padding", plain.replace(/=+$/, "")],
    ["a data URI", `data:image/jpeg;base64,${plain}`],
    ["a data URI with parameters", ` DATA:image/jpeg;name=a.jpg;BASE64,${plain}`],
  ])("is decoded from %s", (_, text) => {
    expect(decodePicture(text)).toEqual({
      data: face,
      bytes: face.length,
      contentType: "image/jpeg",
      sha256: sha256(face),
    });
  });

  it("is decoded from URL-safe base64", () => {
    expect(odd.toString("base64url")).toMatch(/-.*_|_.*-/);
    expect(decodePicture(odd.toString("base64url"))?.data).toEqual(odd);
  });

  it("is a PNG by its first bytes, for any data URI", () => {
    expect(decodePicture(`data:image/jpeg;base64,${png.toString("base64")}`)?.contentType).toBe("image/png");
  });

  it("may have 5 MB and not a byte more", () => {
    const largest = Buffer.alloc(5 * 1024 * 1024);
    face.copy(largest);
    expect(decodePicture(largest.toString("base64"))?.bytes).toBe(largest.length);
    expect(decodePicture(Buffer.concat([largest, Buffer.from([0])]).toString("base64"))).toBeNull();
  });

  it.each([
    ["a text that is no base64", "no picture!"],
    ["base64 with a foreign character within", `${plain.slice(0, 40)}*${plain.slice(40)}`],
    ["base64 of whole bytes with one foreign character", `${wholeBytes.slice(0, 40)}*${wholeBytes.slice(40)}`],
    ["base64 of whole bytes and one digit too many", `${wholeBytes}A`],
    ["base64 that goes on behind its padding", `${png.toString("base64")}${plain}`],
    ["base64 of a text", Buffer.from("GIF89a, not taken").toString("base64")],
    ["the mark of a JPEG alone", Buffer.from([0xff, 0xd8, 0xff]).toString("base64")],
    ["the mark of a PNG alone", png.subarray(0, 8).toString("base64")],
    ["a data URI that is not base64", "data:image/jpeg,%FF%D8%FF"],
    ["an ellipsis, as the documents print it", "/9j/…"],
    ["blanks", "   "],
    ["base64 with a letter that only looks like a digit", plain.replace("AQ", "\u0141Q")],
    ["base64 with a full-width digit", plain.replace("A", "Ａ")],
  ])("is null if the text is %s", (_, text) => {
    expect(decodePicture(text)).toBeNull();
  });
});

/** A JPEG whose base64 contains these digits, a multiple of four of them. */
function holding(digits: string): Buffer {
  const comment = Buffer.from(digits, "base64");
  const marker = Buffer.from([0xff, 0xfe, 0, 0]);
  marker.writeUInt16BE(comment.length + 2, 2);
  return Buffer.concat([face.subarray(0, 2), marker, comment, face.subarray(2)]);
}

describe("base64 with blanks in it", () => {
  it.each([1, 2, 3, 4, 5, 8, 12])("is restored if the blanks were %i plus signs", (count) => {
    const data = holding(Array.from({ length: count }, (_, n) => `${"A".repeat(n * 8)}AAA+`).join(""));
    const sent = data.toString("base64").replaceAll("+", " ");
    expect(sent.split(" ")).toHaveLength(count + 1);
    expect(decodePicture(sent)?.data).toEqual(data);
    expect(decodePicture(`data:image/jpeg;base64,${sent}\n`)?.data).toEqual(data);
    expect(decodePicture(lines(sent, "\r\n"))?.data).toEqual(data);
    expect(decodePicture(sent.replace(/=+$/, ""))?.data).toEqual(data);
  });

  it.each([60, 64, 72, 76])("is read if the blanks were the ends of lines of %i digits", (length) => {
    const data = holding("B".repeat(400));
    const sent = data.toString("base64").replaceAll(new RegExp(`.{${length}}(?!$)`, "g"), "$& ");
    expect(decodePicture(sent)?.data).toEqual(data);
    expect(decodePicture(` ${sent} `)?.data).toEqual(data);
  });

  it.each(["AAA+", "AA-_"])("has no plus sign that became a blank if it contains %s", (digits) => {
    const data = holding(digits);
    const sent = data.toString(digits.includes("+") ? "base64" : "base64url");
    expect(decodePicture(sent.replaceAll(/.{9}/g, "$& "))?.data).toEqual(data);
  });

  it("is read in the only way with whole bytes", () => {
    const data = holding("AAAA");
    const unpadded = data.toString("base64").replace(/=+$/, "");
    const [before, behind] = [unpadded.slice(0, 9), unpadded.slice(9)];
    const blanks = " ".repeat((5 - (unpadded.length % 4)) % 4);
    expect(decodePicture(`${before}${blanks}${behind}`)?.data).toEqual(data);
    expect(decodePicture(png.toString("base64").replace("AAAAB", "AAAA B"))?.data).toEqual(png);
  });

  it("is null if the meaning of the blanks is not clear", () => {
    const torn = holding(`AAA+${"AAAA".repeat(20)}A+A+${"AAAA".repeat(9)}AAA+`).subarray(0, -3);
    expect(decodePicture(torn.toString("base64"))?.data).toEqual(torn);
    expect(decodePicture(torn.toString("base64").replaceAll("+", " "))).toBeNull();
  });
});

describe("a picture without an end", () => {
  const isTorn = (data: Buffer) => {
    const picture = decodePicture(data.toString("base64"));
    if (picture === null) throw new Error("no picture");
    return isTruncated(picture);
  };

  it("is a JPEG or a PNG without its end mark", () => {
    expect([face, png].map(isTorn)).toEqual([false, false]);
    expect([face.subarray(0, -1), png.subarray(0, -9)].map(isTorn)).toEqual([true, true]);
  });

  it("is refused with bytes after its end", () => {
    const more = Buffer.from("more, and more");
    expect([face, png].map((data) => isTorn(Buffer.concat([data, more])))).toEqual([false, false]);
  });
});

it("base64 as bytes is decoded as the same base64 as text", () => {
  const digit = fc.constantFrom(..."AZaz09+/-_=\n é");
  const digits = fc.oneof(
    fc.string({ unit: digit, maxLength: 20 }),
    fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data).toString("base64")),
    fc.tuple(fc.nat({ max: 5 }), fc.string({ unit: digit, maxLength: 4 })).map(([more, end]) => {
      return "A".repeat(32 * 1024 - 2 + more) + end;
    }),
  );
  const isSame = (text: string) => {
    const decoded = decodeDenseBytes(Buffer.from(text, "latin1"), 100_000);
    expect(decoded?.toString("hex")).toBe(decodeDense(text, 100_000)?.toString("hex"));
  };
  for (const text of ["AAAA", "AAA=", "AA==", "AAA", "AA", "A", "A===", "=", ""]) isSame(text);
  fc.assert(fc.property(digits, isSame));
  const tooLong = "A".repeat(20_000);
  expect([decodeDenseBytes(Buffer.from(tooLong), 10_000), decodeDense(tooLong, 10_000)]).toEqual([null, null]);
});

describe("base64 in a text that has a Chinese character elsewhere", () => {
  const data = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31 + (at >> 8)) & 0xff));
  const text = `小${data.toString("base64")}`.slice(1);

  it("is decoded over all its pieces", () => {
    expect(decodeDense(text, 100_000)?.equals(data)).toBe(true);
  });

  it.each([0, 32 * 1024 - 1, 32 * 1024, 64 * 1024, text.length - 3])(
    "is null if character %i only looks like a digit by its lower byte",
    (at) => {
      expect(decodeDense(`${text.slice(0, at)}\u0141${text.slice(at + 1)}`, 100_000)).toBeNull();
    },
  );
});
