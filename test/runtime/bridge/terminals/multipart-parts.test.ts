import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MultipartParts } from "../../../../packages/bridge/src/terminals/multipart-parts.ts";
import { isLong, runs } from "../../../support/seeded.ts";

interface Sent {
  type?: string;
  content: string;
  /** Left out for none; else the difference from the right length. */
  length?: number;
}

function streamOf(parts: readonly Sent[], newline = "\r\n"): string {
  const written = parts.map(({ type, content, length }) => {
    const headers = [
      ...(type === undefined ? [] : [`Content-Type: ${type}`]),
      ...(length === undefined ? [] : [`Content-Length:${content.length + length}`]),
    ];
    return ["--MIME_boundary", ...headers, "", content].join(newline);
  });
  return [...written, "--MIME_boundary", ""].join(newline);
}

/** The contents of the parts, if the stream arrives in pieces of so many bytes. */
function contents(stream: string | Buffer, bytes = Number.POSITIVE_INFINITY): string[] {
  const parts = new MultipartParts();
  const all = Buffer.from(stream as string, "latin1");
  const size = Math.min(bytes, all.length);
  const found: string[] = [];
  for (let at = 0; at < all.length; at += size) {
    for (const { content } of parts.take(all.subarray(at, at + size))) found.push(content.toString("latin1"));
  }
  return found;
}

const two = [
  { type: "application/json", content: '{"a":1}' },
  { type: "image/jpeg", content: "\xff\xd8\r\n\0\r" },
];

describe("The parts of a stream", () => {
  it.each(["\r\n", "\n"])("are read with line ends %j, in pieces of any size", (newline) => {
    const stream = streamOf(two, newline);
    for (let bytes = 1; bytes <= stream.length; bytes++) {
      expect(contents(stream, bytes)).toEqual(['{"a":1}', newline === "\n" ? "\xff\xd8\r\n\0" : "\xff\xd8\r\n\0\r"]);
    }
  });

  it("are complete after their length, without the next boundary", () => {
    const stream = streamOf([{ content: '{"a":1}', length: 0 }]);
    expect(contents(stream.slice(0, stream.indexOf("}") + 1))).toEqual(['{"a":1}']);
  });

  it.each([
    ["too large", 5, '{"a":1}'],
    ["too small", -2, '{"a":'],
    ["far too large", 1_000_000, '{"a":1}'],
  ])("are found again if a length is %s", (_, length, first) => {
    const stream = streamOf([
      { content: '{"a":1}', length },
      { content: '{"b":2}', length: 0 },
    ]);
    expect(contents(stream)).toEqual([first, '{"b":2}']);
  });

  it.each([
    ["a boundary that is sent twice", "--x\r\n--x\r\nA: b\r\n\r\n1\r\n--x\r\n\r\n2\r\n--x", ["1", "2"]],
    ["a boundary that is sent twice with an empty line", "--x\r\n\r\n--x\r\n\r\n1\r\n--x\r\n", ["1"]],
    ["empty lines before the first boundary", "\r\n\r\n--x\r\n\r\n1\r\n--x\r\n", ["1"]],
    ["an end in the middle", "--x\r\n\r\n1\r\n--x--\r\n\r\n--x\r\n\r\n2\r\n--x", ["1", "2"]],
    ["text between two parts", "--x\r\nContent-Length: 1\r\n\r\n1 and more\r\n--x\r\n\r\n2\r\n--x", ["1", "2"]],
  ])("are read in spite of %s", (_, stream, wanted) => {
    expect(contents(stream)).toEqual(wanted);
    expect(contents(stream, 1)).toEqual(wanted);
  });

  it("are the same for any size of the pieces", { timeout: isLong ? 3_600_000 : 180_000 }, () => {
    const bytes = fc.string({
      unit: fc.constantFrom("-", "x", "\r", "\n", "a", ":", "1", "Content-Length: 3\r\n\r\n"),
    });
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 7 }), (text, size) => {
        expect(read(`--x\r\n${text}`, size)).toEqual(read(`--x\r\n${text}`, 1));
      }),
      runs(isLong ? 40_000 : 2000),
    );
  });
});

/** The contents, or the error without those before it. */
function read(stream: string, bytes: number): unknown {
  try {
    return contents(stream, bytes);
  } catch (error) {
    return String(error);
  }
}

describe("A stream", () => {
  const many = "x".repeat(70_000);

  it.each([
    ["is no multipart", "<html>", "sends no multipart"],
    ["begins with blanks without end", "\r\n".repeat(200), "sends no multipart"],
    ["begins with a line without end", `--${many}`, "sends no multipart"],
    ["has no boundary", "--\r\n", "without a boundary"],
    ["has headers without end", `--x\r\n${"A: b\r\n".repeat(2000)}`, "headers without end"],
    ["has no boundary behind a part", `--x\r\nContent-Length: 1\r\n\r\n1${many}`, "without its boundary"],
    ["has a part that is too large", "--x\r\nContent-Length: 9999999999\r\n\r\n", "too large"],
    ["has a part without end", `--x\r\n\r\n${"x".repeat(9_000_000)}`, "a part without end"],
  ])("is refused if it %s", (_, stream, why) => {
    expect(() => contents(stream, 4096)).toThrow(why);
  });
});
