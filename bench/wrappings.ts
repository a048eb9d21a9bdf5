import { gzipSync } from "node:zlib";
import { AuthRateLimiter } from "@gatepost/core/keys";
import { Body, type Ports, receiver } from "@gatepost/receive";
import { bigReport } from "./body.ts";
import { nowhere, requestOf } from "./handler.ts";
import { medianRatio } from "./ratio.ts";

/*
 * Prints how much longer a body of twice the size takes: 2 is linear, 4 would be quadratic. And what reading a report in
 * a wrapping costs beside the same report as strict JSON.
 */

const ports: Ports = { ...nowhere, authRateLimiter: new AuthRateLimiter(Date.now) };
const receive = receiver(ports);

const passing = JSON.stringify({ identity_id: "1", timestamp: 1_772_366_400_000 }).slice(1, -1);
const repeated = (piece: string) => (size: number) => piece.repeat(size / piece.length);

/** Bodies that have made readers of JSON slow, each of about `size` bytes. */
const hostile: Record<string, (size: number) => string> = {
  "keys of their own": (size) => `{${Array.from({ length: size / 12 }, (_, number) => `"key${number}":0`).join()}}`,
  "one key again and again": (size) => `{${passing},${repeated('"k":0,')(size)}"k":0}`,
  "levels of lists": repeated("["),
  "levels of objects": repeated('{"a":'),
  "a number": (size) => `{${passing},"k":${repeated("1")(size)}}`,
  "digits and a letter": (size) => `{${passing},"score":"${repeated("1")(size)}x"}`,
  escapes: (size) => `{${passing},"k":"${repeated("\\u0001")(size)}"}`,
  quotes: (size) => `{${passing},"k":"${repeated('\\"')(size)}"}`,
  backslashes: (size) => `{${passing},"k":"${repeated("\\\\")(size)}"}`,
  "Python's escapes": (size) => `{${passing},'k':'${repeated("\\x01")(size)}'}`,
  "comments without end": repeated("/*"),
  "bare quotes": repeated("'"),
  "percent signs": (size) => `a=${repeated("%41")(size)}`,
  "blanks for a picture": (size) => `{${passing},"reg_pic":"${repeated(" ")(size)}"}`,
  "boundaries of parts": repeated("--x\n"),
  lines: repeated("{}\n{\n"),
};

const base = 1_500_000;

/** For each kind of hostile body, the CPU for twice the size ÷ that for the size. */
export async function twiceTheSize(): Promise<string> {
  const lines: string[] = [];
  for (const [name, make] of Object.entries(hostile)) {
    const [once, twice] = [base, 2 * base].map((size) => requestOf(make(size)));
    if (once === undefined || twice === undefined) continue;
    const ratio = await medianRatio(
      () => receive(twice),
      () => receive(once),
      { rounds: 5, runsARound: 2 },
    );
    lines.push(`  ${name}: ${ratio}`);
  }
  return `CPU for a hostile body of ${(2 * base) / 1e6} MB ÷ one of ${base / 1e6} MB (2 is linear):\n${lines.join("\n")}`;
}

/** For each wrapping, the CPU for a 480 KB report in it ÷ that for the same as strict JSON. */
export async function wrappedOverStrict(): Promise<string> {
  const strict = bigReport(1);
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(JSON.parse(strict))) form.set(name, textOf(value));
  const wrapped = {
    "gzip, whose unpacking is counted": requestOf(gzipSync(strict), { "content-encoding": "gzip" }),
    "JSON in a JSON string": requestOf(JSON.stringify(strict)),
    "Python's repr": requestOf(strict.replaceAll('"', "'")),
    urlencoded: requestOf(form.toString(), { "content-type": "application/x-www-form-urlencoded" }),
    "text instead of bytes, as API Gateway hands over JSON": { ...requestOf(""), body: new Body(strict) },
  };
  const lines: string[] = [];
  for (const [name, request] of Object.entries(wrapped)) {
    const ratio = await medianRatio(
      () => receive(request),
      () => receive(strictRequest),
    );
    lines.push(`  ${name}: ${ratio}`);
  }
  return `CPU for a 480 KB report in a wrapping ÷ as strict JSON:\n${lines.join("\n")}`;
}

const strictRequest = requestOf(bigReport(1));

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

if (import.meta.main) process.stdout.write(`${await wrappedOverStrict()}\n${await twiceTheSize()}\n`);
