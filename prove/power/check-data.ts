import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import type { Arrival, Standing } from "./claims.ts";
import { type Gate, type OpenGate, openHere, openServer } from "./gate.ts";
import { judgeShown, judgeStored, judgeTold, repeated, tokensOf, tracesBegun, tracesOf } from "./judge.ts";
import { judgeLife, standingsOf } from "./life/judge.ts";
import { type Company, Life } from "./life/life.ts";
import { look, readTables, type Shown } from "./observe.ts";
import { filesBelow } from "./scratch.ts";

export interface DataCheck {
  data: string;
  standings: readonly Standing[];
  arrivals: readonly Arrival[];
  aheadMs?: number;
  isReal: boolean;
  isSentAgain: boolean;
  /** Whether nothing was there before: then a file tells which keys were made. */
  isFirstStart?: boolean;
  /** Whether actions are announced to a subscriber. */
  hasRules?: boolean;
  /** The events that were stored first, if all others are announced; absent if none is. */
  untold?: ReadonlySet<string>;
  /** The subscriber. It continues with the state that a cut left. */
  company?: Company;
}

/**
 * Opens a data folder as a cut left it, and looks for everything that was answered. Then boxes send again what they
 * would, and all of it must be there once; and expired or erased texts must be in no file. Returns the broken promises.
 */
export async function checkData(check: DataCheck): Promise<string[]> {
  const { data, standings } = check;
  const wereAnswered = standings.some(
    ({ progress, operation }) => progress === "answered" && operation.claims.length > 0,
  );
  if (!existsSync(join(data, "gatepost.db"))) return wereAnswered ? ["the data folder is lost"] : [];
  const gate = await open(check);
  if (typeof gate === "string") return [gate];
  const findings: string[] = [];
  let told: string[] = [];
  let after: Pick<DataCheck, "standings" | "arrivals"> = check;
  try {
    // Erased texts are gone when it is open; expired ones, once the sweep has run.
    findings.push(...(await tracesIn(data, tracesOf(standings, "erased"))));
    const shown = await look(gate, tokensOf(standings));
    // Without the reports that are sent again below.
    told = toldOf(check, shown);
    findings.push(...judgeShown(shown, standings));
    // An unanswered erasure has taken the event, so it was begun: the start must have overwritten the pictures.
    findings.push(...(await tracesIn(data, tracesBegun(shown, standings), isPack)));
    if (check.isReal) findings.push(...(await announces(check, shown)));
    if (check.isSentAgain) {
      const sent = await sendAgain(gate, shown, check);
      findings.push(...sent.findings);
      if (sent.findings.length === 0 && check.company !== undefined && "runtime" in gate) {
        const life = new Life(gate, data, check.company);
        await life.play();
        findings.push(...(await judgeLife(life, { standings: sent.standings, arrivals: check.arrivals })));
        after = { standings: standingsOf(life, standings), arrivals: [...check.arrivals, ...life.arrivals()] };
      }
    }
    await gate.sweep();
    findings.push(...(await expiredIn(check)));
  } catch (error) {
    findings.push(String(error));
  } finally {
    findings.push(...gate.complaints());
    await gate.close();
  }
  try {
    return [...findings, ...(await judgeFiles({ ...check, ...after }, told))];
  } catch (error) {
    return [...findings, `its files cannot be read: ${error}`];
  }
}

async function open({ data, aheadMs = 0, isReal, untold }: DataCheck): Promise<Gate | OpenGate | string> {
  const announceEvents = untold !== undefined;
  try {
    return isReal
      ? await openServer({ data, announceEvents, aheadMs: aheadMs + 120_000 })
      : await openHere({ data, announceEvents, aheadMs });
  } catch (error) {
    return `it does not start: ${error}`;
  }
}

/** Every box with a live key repeats all its reports. Each must then be stored once. Returns the stored events. */
async function sendAgain(
  gate: Gate,
  shown: Shown,
  { standings }: DataCheck,
): Promise<{ findings: string[]; standings: Standing[] }> {
  const again = repeated(standings).filter(({ operation }) => shown.tokens.get(tokenIn(operation)) !== false);
  const now = standings.map(
    (standing): Standing => ({
      operation: { ...standing.operation, claims: standing.operation.claims.filter(({ kind }) => kind !== "key") },
      progress: again.includes(standing) ? "answered" : standing.progress,
    }),
  );
  for (const { operation } of again) {
    const { path = "", body = "" } = operation.request ?? {};
    const { status } = await gate.ask({ method: "POST", path, body });
    if (status !== 200) return { findings: [`what is sent again is answered ${status}`], standings: now };
  }
  const found = judgeShown(await look(gate, []), now);
  return { findings: found.map((fault) => `sent again: ${fault}`), standings: now };
}

function tokenIn({ request }: Standing["operation"]): string {
  return request?.path.split("/")[1] ?? "";
}

/** Stored actions are announced in the end. */
async function announces(check: DataCheck, shown: Shown): Promise<string[]> {
  const hearer = check.company?.hearer;
  if (hearer === undefined) return [];
  const waiting = shown.events.flatMap(({ actions }) =>
    actions.flatMap(({ id, wantAction, state }) => (wantAction === "1001" && state !== "withheld" ? [id] : [])),
  );
  return (await hearer.hears([...waiting, ...toldOf(check, shown)])).map((id) => `${id} is never announced`);
}

/** The events that the bus is to hear of. */
function toldOf({ untold }: DataCheck, { events }: Shown): string[] {
  return untold === undefined ? [] : events.flatMap(({ id }) => (untold.has(id) ? [] : [id]));
}

async function judgeFiles(
  { data, standings, arrivals, hasRules = false, isReal, isFirstStart = false }: DataCheck,
  told: readonly string[],
): Promise<string[]> {
  const stored = readTables(data);
  const findings = judgeStored(stored, standings, hasRules ? arrivals : null).filter(
    (fault) => !(isReal && fault.includes("has not arrived")),
  );
  if (isFirstStart && stored.keys > 0 && !(await areFirstKeysKnown(data))) findings.push("there are unknown keys");
  return [
    ...findings,
    ...judgeTold(stored, told, arrivals),
    ...(await tracesIn(data, [...tracesOf(standings, "erased"), ...tracesOf(standings, "expired")])),
  ];
}

const firstKeys = z.object({ ingest: z.object({ token: z.string() }), admin: z.object({ token: z.string() }) });

async function areFirstKeysKnown(data: string): Promise<boolean> {
  try {
    return firstKeys.safeParse(JSON.parse(await readFile(join(data, "first-keys.json"), "utf8"))).success;
  } catch {
    return false;
  }
}

/** ms in which a server removes expired data: it begins ten seconds after its start. */
const removedWithinMs = 60_000;

/** The texts that have expired and are still in a file. A server that runs by itself is given time to remove them. */
async function expiredIn({ data, standings, isReal }: DataCheck): Promise<string[]> {
  const traces = tracesOf(standings, "expired");
  const until = Date.now() + removedWithinMs;
  let left = await tracesIn(data, traces);
  while (isReal && left.length > 0 && Date.now() < until) {
    await sleep(200);
    left = await tracesIn(data, traces);
  }
  return left;
}

const isPack = (path: string) => path.endsWith(".pack");

/** The texts that are gone and still in a file. */
async function tracesIn(
  data: string,
  traces: readonly string[],
  isLookedAt = (path: string) => path !== "reserve",
): Promise<string[]> {
  if (traces.length === 0) return [];
  const findings: string[] = [];
  for (const [path, content] of await filesBelow(data)) {
    const left = isLookedAt(path) ? traces.find((trace) => content.includes(trace)) : undefined;
    if (left !== undefined) findings.push(`${left} is gone, and still in ${path}`);
  }
  return findings;
}
