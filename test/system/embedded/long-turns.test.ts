import { createHash } from "node:crypto";
import { join } from "node:path";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";
import { bodyOf, postBody, units } from "../../support/large-bodies.ts";
import { isLong } from "../../support/seeded.ts";
import { maxTurn, TurnsOfProcess } from "../../support/turns-of-process.ts";

const megabyte = 1024 * 1024;

const packings: Record<string, (plain: Buffer) => Buffer> = {
  "": (plain) => plain,
  br: (plain) => brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  gzip: (plain) => gzipSync(plain, { level: 1 }),
  deflate: (plain) => deflateSync(plain, { level: 1 }),
};

/** The sizes of large, packed and largest bodies. */
const [large, packed, largest] = isLong ? [8, 24, 62] : [4, 8, 40];

/** Every unit just not large, every third one large, and every third one packed. In `npm run test:long` every unit is large. */
const cases = [
  ...units.flatMap((unit, index) => {
    const packing = ["br", "gzip", "deflate"][(index / 3) % 3] ?? "";
    return [
      { unit, packing: "", bytes: 900_000, name: `900 KB of ${unit[0]}` },
      ...(isLong || index % 3 === 1
        ? [{ unit, packing: "", bytes: large * megabyte, name: `${large} MB of ${unit[0]}` }]
        : []),
      ...(packing === ""
        ? []
        : [{ unit, packing, bytes: packed * megabyte, name: `${packed} MB of ${unit[0]}, in ${packing}` }]),
    ];
  }),
  ...units
    .slice(0, 2)
    .map((unit) => ({ unit, packing: "", bytes: largest * megabyte, name: `${largest} MB of ${unit[0]}` })),
];

let server: GatepostProcess;
let turns: TurnsOfProcess;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  turns = new TurnsOfProcess(folder.path);
  server = await startGatepost(join(folder.path, "data"), [], turns.variables);
  closers.push(() => server.stop());
  // One-time work is done now: code is compiled, and the thread is started.
  const url = await urlOf("warm");
  for (const unit of units) await postBody(url, bodyOf(unit, 2 * megabyte, false), { type: unit[4] });
});
afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

async function urlOf(box: string): Promise<string> {
  const { token } = await new Client(server).createKey(box);
  return `${server.url}/${token}/HistoryEvent`;
}

const usualTurn = (work: () => Promise<unknown>) => turns.usual(work, () => fetch(`${server.url}/healthz`));

describe("a body", () => {
  it.each(cases)("is answered ($name), and no turn of the event loop takes 100 ms of CPU", async (sent) => {
    const { unit, packing, bytes, name } = sent;
    const url = await urlOf(createHash("sha256").update(name).digest("hex").slice(0, 12));
    const body = packings[packing]?.(bodyOf(unit, bytes, packing !== "")) ?? Buffer.alloc(0);
    const turn = await usualTurn(async () => {
      expect(await postBody(url, body, { type: unit[4], encoding: packing })).toBe(200);
    });
    expect(turn).toBeLessThanOrEqual(maxTurn());
  });

  it("is refused if 54 bytes unpack to 63 MB", async () => {
    const body = brotliCompressSync(Buffer.from(`{1${"z".repeat(63 * megabyte)}`));
    const url = await urlOf("bomb");
    const turn = await usualTurn(async () => {
      const all = Array.from({ length: 12 }, () => postBody(url, body, { encoding: "br" }));
      expect(await Promise.all(all)).toEqual(Array(12).fill(413));
    });
    expect(turn).toBeLessThanOrEqual(maxTurn());
  });
});
