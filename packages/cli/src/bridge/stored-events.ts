import { createHash } from "node:crypto";
import { join } from "node:path";
import { progress as progressBar } from "@clack/prompts";
import {
  type BackfillAccount,
  BoxApi,
  backfill,
  Cloud,
  knownToCloud,
  makeFolder,
  Progress,
  readConfig,
  systemClock,
} from "@gatepost/bridge";
import { WrongUsage } from "../failure.ts";
import { print } from "../output.ts";

export interface BackfillRun {
  config: string;
  box: string;
  from: number;
  to?: number;
  token?: string;
  json?: true;
}

/** Delivers the stored events of a box that is in the bridge's file. */
export async function runBackfill({ config: file, box: name, from, to = Date.now(), ...options }: BackfillRun) {
  const { cloud, boxes, spool } = readConfig(file);
  const box = boxes.find((one) => one.name === name);
  if (box?.se5 === undefined) throw new WrongUsage(`${file} has no box ${name} with the address of an SE5`);
  const token = options.token ?? cloud.read_token;
  if (token === undefined)
    throw new WrongUsage("give a read key with --token, in GATEPOST_TOKEN, or as cloud.read_token");
  if (from > to) throw new WrongUsage("--from is after --to");
  makeFolder(spool.folder);
  const bar = barOf(to - from, options);
  const account = await backfill(
    { from, to },
    {
      box: name,
      token: box.token,
      api: new BoxApi(box.se5.host, box.se5.apiPort),
      cloud: new Cloud(cloud.url),
      known: (span, signal) => knownToCloud({ url: cloud.url, token, box: name }, span, signal),
      progress: new Progress(join(spool.folder, fileName(name, from, to))),
      clock: systemClock,
      random: Math.random,
      tell: bar.tell,
      warn: (why) => process.stderr.write(`registered pictures left out: ${why}\n`),
    },
    new AbortController().signal,
  );
  bar.end();
  print(account, () => inWords(account), options);
}

/** The progress file of a box and time span, for the next run. Hashed, because names may contain anything. */
function fileName(box: string, from: number, to: number): string {
  const name = createHash("sha256").update(`${box}\n${from}\n${to}`).digest("hex").slice(0, 16);
  return `backfill-${name}.json`;
}

/** A progress bar on a terminal; elsewhere nothing. */
function barOf(length: number, { json }: { json?: true }) {
  if (json === true || !process.stderr.isTTY) return { tell() {}, end() {} };
  const steps = 100;
  const bar = progressBar({ max: steps, output: process.stderr });
  let shown = 0;
  bar.start("reading the box's memory");
  return {
    tell(account: BackfillAccount) {
      const now = Math.floor((account.done / Math.max(1, length)) * steps);
      bar.advance(now - shown, inWords(account));
      shown = now;
    },
    end: () => bar.stop("done"),
  };
}

function inWords({ delivered, known, refused }: BackfillAccount): string {
  return `${delivered} delivered, ${known} known before, ${refused} refused`;
}
