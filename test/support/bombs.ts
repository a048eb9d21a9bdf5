import { createHash } from "node:crypto";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { history } from "./reports.ts";

export interface Sent {
  name: string;
  body: string | Buffer;
  headers: Record<string, string>;
}

const passing = JSON.stringify(history()).slice(1, -1);
const picture = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(200_000, 7)]);
const report = (i: number) => {
  const photo = (kind: string) => Buffer.concat([picture, Buffer.from(`${i} ${kind}`)]).toString("base64");
  return history({ timestamp: 1_772_366_400_000 + i }, { recognize_face: photo("face"), spot_pic: photo("scene") });
};
/** Bytes of a bomb in its full size, unpacked. */
export const fullSize = 18_000_000;

/** How many times of the CPU of an ordinary body a bomb may take. */
export const maxCost = 4;

/** A batch of ordinary reports, as long as the bombs of full size are once they are unpacked. */
export const ordinary: Sent = {
  name: "ordinary",
  headers: {},
  body: JSON.stringify(Array.from({ length: 33 }, (_, i) => report(i))),
};
const form = { "content-type": "application/x-www-form-urlencoded" };
const packed = (encoding: string) => ({ "content-encoding": encoding });
/** Members with different names; in base 32 none is `pwd`, whose value would be masked. */
const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `"${(from + i).toString(32)}":0`).join();

type Bomb = [name: string, make: () => string | Buffer, headers: Record<string, string>, reason: string];

/** Packs as small as the best quality does, in a tenth of the time. */
const brotli = (text: string | Buffer) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });

/** Text that packs so little that what follows it may be packed far more than 200 to 1. */
const noise = createHash("shake256", { outputLength: 90_000 }).update("x").digest("base64");

/**
 * Bodies that are millions of values once they are unpacked and parsed, in every wrapping; and why they are not read.
 * `size` is the bytes of most of them, unpacked. Each is made when its body is asked for.
 */
export function bombsOf(size: number) {
  const many = (unit: string, bytes = size) => unit.repeat(bytes / unit.length);
  const list = () => `[${many("{},")}{}]`;
  const packable = () => `["${noise}",${list().slice(1)}`;
  const part = () => `--x\r\nContent-Disposition: form-data; name="events"\r\n\r\n${list()}\r\n--x--`;
  const all: Bomb[] = [
    ["a list", list, {}, "too-many-values"],
    ["a list of numbers", () => `[${many("0,")}0]`, {}, "too-many-values"],
    ["a list in a report", () => `{${passing},"k":${list()}}`, {}, "too-many-values"],
    ["a batch", () => `{"events":${list()}}`, {}, "too-many-values"],
    ["gzip", () => gzipSync(packable()), packed("gzip"), "too-many-values"],
    ["gzip that nothing tells of", () => gzipSync(packable()), {}, "too-many-values"],
    ["gzip in gzip", () => gzipSync(gzipSync(packable())), packed("gzip, gzip"), "too-many-values"],
    ["gzip that nothing tells of in brotli", () => brotli(gzipSync(packable())), packed("x, br"), "too-many-values"],
    ["brotli", () => brotli(packable()), packed("br"), "too-many-values"],
    ["deflate", () => deflateSync(packable()), packed("deflate"), "too-many-values"],
    ["lines", () => many("{}\n"), {}, "too-many-reports"],
    ["lines of lists", () => many('{"a":[0,0,0]}\n'), {}, "too-many-reports"],
    ["UTF-16", () => Buffer.from(`[${many("{},", size / 2)}{}]`, "utf16le"), {}, "too-many-values"],
    ["a text", () => JSON.stringify(list()), {}, "too-many-values"],
    ["a text with quotes", () => JSON.stringify(`[${many('{"a":1},')}1]`), {}, "too-many-values"],
    [
      "texts of a batch",
      () => JSON.stringify(Array.from({ length: size / 2000 }, () => `[${many("{},", 2500)}1]`)),
      {},
      "too-many-values",
    ],
    ["a text where an object belongs", () => JSON.stringify({ ...history(), ext_data: list() }), {}, "too-many-values"],
    ["a form", () => `data=${list()}`, form, "too-many-values"],
    ["a form with percent signs", () => `data=%5B${many("%7B%7D%2C")}1%5D`, form, "too-many-values"],
    ["a form in parts", part, {}, "too-many-values"],
    ["the words of Python", () => `{'a': [${many("(), ")}]}`, {}, "too-many-values"],
    ["names", () => `{${names(0, 2_000_000)}}`, {}, "too-many-values"],
    [
      "names in small objects",
      () => `[${Array.from({ length: 9000 }, (_, i) => `{${names(i * 100, i * 100 + 100)}}`).join()}]`,
      {},
      "too-many-values",
    ],
  ];
  return all.map(([name, make, headers, reason]) => ({
    name,
    headers,
    reason,
    get body() {
      return make();
    },
  }));
}
