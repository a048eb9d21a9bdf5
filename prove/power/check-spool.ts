import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { Spool } from "../../packages/bridge/src/spool/spool.ts";
import type { Arrival, Standing } from "./claims.ts";
import { launch } from "./server.ts";

export interface SpoolCheck {
  spool: string;
  /** The bridge's file, for the real one. */
  config: string;
  standings: readonly Standing[];
  /** The reports in the cloud before the cut. */
  arrivals: readonly Arrival[];
  /** The reports in the cloud by now; more when a real bridge delivers. */
  later: readonly Arrival[];
  isReal: boolean;
}

const limits = { maxBytes: 1e9, maxAge: 1e12 };

/** ms that a bridge may take to deliver its spool. */
const timeoutMs = 15_000;

/**
 * Opens a spool as a cut left it. What the bridge acknowledged waits once, is a dead letter once, or was taken by the
 * cloud. Returns the broken promises.
 */
export async function checkSpool(check: SpoolCheck): Promise<string[]> {
  const acknowledged = spooledIn(check.standings, "answered");
  if (!existsSync(join(check.spool, "spool.db")))
    return acknowledged.length === 0 ? [] : ["the folder of the spool is lost"];
  let held: Held;
  try {
    held = await heldIn(check.spool);
  } catch (error) {
    return [`the spool does not open: ${error}`];
  }
  const taken = new Set(check.arrivals.map(({ id }) => id));
  const sent = new Set([...acknowledged, ...spooledIn(check.standings, "begun")]);
  const findings = [
    ...held.faults,
    ...acknowledged.flatMap((id) => (taken.has(id) || timesIn(held, id) > 0 ? [] : [`${id} is lost`])),
    ...[...sent].flatMap((id) => (timesIn(held, id) > 1 ? [`${id} is held ${timesIn(held, id)} times`] : [])),
    ...[...held.waiting, ...held.dead].flatMap((id) => (sent.has(id) ? [] : [`${id} was never sent`])),
  ];
  return check.isReal ? [...findings, ...(await delivers(check, held.waiting))] : findings;
}

interface Held {
  faults: string[];
  /** SHA-256 of the bodies. */
  waiting: string[];
  dead: string[];
}

const timesIn = ({ waiting, dead }: Held, id: string) => [...waiting, ...dead].filter((one) => one === id).length;

async function heldIn(folder: string): Promise<Held> {
  const spool = new Spool(join(folder, "spool.db"), limits, Date.now);
  const waiting: string[] = [];
  for (const box of spool.counts.boxes()) {
    for (let report = spool.next(box); report !== null; report = spool.next(box, report.id))
      waiting.push(hash("sha256", report.body));
  }
  const dead = spool.deadLetters.list().map(({ id }) => hash("sha256", spool.deadLetters.find(id)?.body ?? ""));
  await spool.close();
  const database = new DatabaseSync(join(folder, "spool.db"), { readOnly: true });
  const sound = JSON.stringify(database.prepare("PRAGMA integrity_check").all());
  database.close();
  return { faults: sound === '[{"integrity_check":"ok"}]' ? [] : [`the spool is damaged: ${sound}`], waiting, dead };
}

function spooledIn(standings: readonly Standing[], progress: Standing["progress"]): string[] {
  return standings.flatMap((standing) =>
    standing.progress === progress
      ? standing.operation.claims.flatMap((claim) => (claim.kind === "spooled" ? [claim.sha256] : []))
      : [],
  );
}

/** Starts the real bridge, and waits until all that waited has arrived. */
async function delivers({ config, later }: SpoolCheck, waiting: readonly string[]): Promise<string[]> {
  const before = later.length;
  const bridge = await launch({ args: ["bridge", "run", "--config", config], ready: /relay on port (\d+)/ });
  const missing = () => {
    const arrived = new Set(later.slice(before).map(({ id }) => id));
    return waiting.filter((id) => !arrived.has(id));
  };
  for (const since = Date.now(); missing().length > 0 && Date.now() - since < timeoutMs; ) await sleep(20);
  await bridge.end("SIGTERM");
  return missing().map((id) => `${id} waits and is never delivered`);
}
