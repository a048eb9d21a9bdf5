import { readdirSync, readFileSync } from "node:fs";
import type { Outages } from "./outages.ts";

/** ms from one beat to the next. */
const every = 50;
/** ms by which a beat may be late. */
const late = 200;

/**
 * Notes when the boxes themselves had no processor, which are all of this process: the 0.5 s of a real-time report can
 * be over before it is sent. Returns the function that ends it.
 */
export function notePauses(delays: Outages): () => void {
  let last = performance.now();
  const beating = setInterval(() => {
    const [now, before] = [performance.now(), last];
    last = now;
    if (now - before > every + late) delays.note(Date.now() - (now - before), Date.now());
  }, every);
  return () => clearInterval(beating);
}

/** ms from one look at the processes to the next, and of these, those that one may have waited for a processor. */
const [lookMs, maxWaitedMs] = [250, 150];

/**
 * Notes when a process that this one has started could run and had no processor, because others of the machine had it:
 * it answers nothing within 0.5 s then. Returns the function that ends it.
 */
export function noteWaits(delays: Outages): () => void {
  let before = new Map<string, number>();
  const looking = setInterval(() => {
    const now = Date.now();
    const waited = new Map(children().map((pid) => [pid, waitedMs(pid)]));
    const isStarved = ([pid, ms]: [string, number]) => ms - (before.get(pid) ?? ms) > maxWaitedMs;
    if ([...waited].some(isStarved)) delays.note(now - lookMs, now);
    before = waited;
  }, lookMs);
  return () => clearInterval(looking);
}

/** Its fourth value, behind the name in brackets, is the process that started it. */
function children(): string[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return all.filter((pid) => read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[1] === `${process.pid}`);
}

/** ms that the main thread of a process has waited for a processor since it began. */
function waitedMs(pid: string): number {
  return Number(read(`/proc/${pid}/schedstat`).split(" ")[1] ?? 0) / 1e6;
}

/** A file of a process; an empty text if that has ended meanwhile. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
