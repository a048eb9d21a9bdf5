import { type Case, type Step, usualLagMs } from "./case.ts";

/** Plays at most, to shrink one case. */
const maxPlays = 400;

interface Shrunk {
  one: Case;
  failure: string;
}

/**
 * Makes a case that fails smaller: fewer steps, fewer troubles, fewer reports, no differing clocks, little lag, no
 * announcing of events. The smaller case fails in the same way.
 */
export async function shrink(
  one: Case,
  failure: string,
  play: (smaller: Case) => Promise<{ failure: string | null }>,
): Promise<Shrunk> {
  let best: Shrunk = { one, failure };
  let plays = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const smaller of smallerThan(best.one)) {
      if (plays++ >= maxPlays) return best;
      const outcome = await play(smaller);
      if (outcome.failure === null || kindOf(outcome.failure) !== kindOf(failure)) continue;
      best = { one: smaller, failure: outcome.failure };
      isSmaller = true;
      break;
    }
  }
  return best;
}

/** The failure without the names in it. */
export function kindOf(failure: string): string {
  return failure.replaceAll(/\b(evt|act|qrt)_\w+|\d[\d.]*/g, "…").replace(/: passing.*/, "");
}

function* smallerThan(one: Case): Generator<Case> {
  const { steps, troubles } = one;
  for (let size = steps.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < steps.length; from += size) yield { ...one, steps: without(steps, from, size) };
  }
  for (let size = troubles.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < troubles.length; from += size) {
      yield { ...one, troubles: without(troubles, from, size) };
    }
  }
  if (one.skewMs > 0) yield { ...one, skewMs: 0 };
  if (one.lagMs > usualLagMs) yield { ...one, lagMs: usualLagMs };
  if (one.announcesEvents) yield { ...one, announcesEvents: false };
  for (const [index, step] of steps.entries()) {
    for (const simpler of simplerThan(step)) yield { ...one, steps: steps.with(index, simpler) };
  }
}

function* simplerThan(step: Step): Generator<Step> {
  if (step.do !== "post" && step.do !== "relay") return;
  const { reports } = step;
  if (reports.length > 1) {
    for (let from = 0; from < reports.length; from++) yield { ...step, reports: without(reports, from, 1) };
  }
  for (const [index, report] of reports.entries()) {
    const { extras, pictures } = report;
    if (extras.length > 0) yield { ...step, reports: reports.with(index, { ...report, extras: [] }) };
    if (pictures.length > 0) yield { ...step, reports: reports.with(index, { ...report, pictures: [] }) };
  }
}

function without<T>(all: readonly T[], from: number, count: number): T[] {
  return [...all.slice(0, from), ...all.slice(from + count)];
}
