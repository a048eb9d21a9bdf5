import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Random, seededFor, whole } from "../../packages/simulator/src/random.ts";
import type { Call } from "./calls.ts";
import { afterCut, type Tree } from "./disk.ts";
import { fates } from "./fates.ts";
import { fingerprint, materialise } from "./materialise.ts";
import { diskOf, type Recording, standingsAt } from "./recording.ts";
import { scratch } from "./scratch.ts";

/** Every so many states the real program is started. */
const realEvery = 20;
/** Every so many, boxes send again. */
const againEvery = 3;
/** States that are looked at however little time there is. */
const leastStates = 4;
/** So many cuts are drawn from the whole recording at a time: if time is short, its end is covered, too. */
const cutsAtOnce = 8;

export interface Wanted {
  seed: number;
  /** States at most. */
  states: number;
  /** ms since 1970 after which no further state is looked at. */
  until: number;
  /** Whether the first finding ends it. */
  isFirstEnough: boolean;
  /** The fate of unsynced writes; absent if any fate is possible. */
  fate?: string;
  /** Called with each state that does not hold. */
  onFinding(bad: BadState): Promise<void>;
}

export interface BadState {
  tree: Tree;
  cut: number;
  fate: string;
  findings: string[];
}

export interface Explored {
  states: number;
  /** How many of them differ from all others. */
  distinct: number;
  /** How many the real program was started on. */
  real: number;
  bad: number;
}

interface Cut {
  at: number;
  fate: string;
}

/** Looks at the states that cuts of one recording may leave. */
export async function explore(recording: Recording, wanted: Wanted): Promise<Explored> {
  const random = seededFor(wanted.seed, `states of ${recording.scene.name}`);
  const explored: Explored = { states: 0, distinct: 0, real: 0, bad: 0 };
  const seen = new Set<string>();
  await using folder = await scratch();
  const root = join(folder.path, "root");
  for (const { cut, tree } of statesOf(recording, chosenCuts(recording.calls, wanted, random), random)) {
    if (explored.bad > 0 && wanted.isFirstEnough) break;
    if (explored.states >= leastStates && Date.now() > wanted.until) break;
    const print = fingerprint(tree) + String(answersBefore(recording.calls, cut.at));
    if (seen.has(print)) continue;
    seen.add(print);
    await mkdir(folder.path, { recursive: true });
    await materialise(tree, root, random);
    explored.states += 1;
    const isReal = explored.states % realEvery === 0;
    const isSentAgain = isReal || explored.states % againEvery === 0;
    if (isReal) explored.real += 1;
    const findings = await lookAt(recording, { cut: cut.at, root, isReal, isSentAgain });
    if (findings.length === 0) continue;
    explored.bad += 1;
    await wanted.onFinding({ tree, cut: cut.at, fate: cut.fate, findings });
  }
  explored.distinct = seen.size;
  return explored;
}

async function lookAt(
  { play, calls }: Recording,
  { cut, ...how }: { cut: number; root: string; isReal: boolean; isSentAgain: boolean },
): Promise<string[]> {
  const now = calls[cut - 1]?.at ?? 0;
  return play.check({
    ...how,
    standings: standingsAt(play.operations(), calls, cut),
    arrivals: play.arrivals.filter(({ at }) => at <= now),
  });
}

function answersBefore(calls: readonly Call[], cut: number): number {
  return calls.slice(0, cut).filter(({ kind }) => kind === "answer").length;
}

/** Draws cuts: half of them right behind an answer, when most is promised and least is synced, the others anywhere. */
function chosenCuts(
  calls: readonly Call[],
  { states: count, fate: only }: Pick<Wanted, "states" | "fate">,
  random: Random,
): Cut[] {
  const behindAnswers = calls.flatMap(({ kind }, index) => (kind === "answer" ? [index + 1] : []));
  const names = only === undefined ? Object.keys(fates) : [only];
  const cuts = Array.from({ length: count * 3 }, (): Cut => {
    const isBehindAnswer = random() < 0.5 && behindAnswers.length > 0;
    const at = isBehindAnswer
      ? (behindAnswers[whole(0, behindAnswers.length, random)] ?? 0) + whole(0, 3, random)
      : whole(1, calls.length + 1, random);
    return { at: Math.min(at, calls.length), fate: names[whole(0, names.length, random)] ?? "dropped" };
  });
  // The end of a run with a failing call is always judged.
  const end: Cut[] = only === undefined ? [] : [{ at: calls.length, fate: only }];
  return different([...end, ...cuts], random).slice(0, count);
}

/** A cut that is drawn twice is kept once. */
function different(cuts: readonly Cut[], random: Random): Cut[] {
  const isRandom = (fate: string) => fate === "reordered" || fate.includes("torn");
  return [...new Map(cuts.map((cut) => [`${cut.at} ${cut.fate} ${isRandom(cut.fate) ? random() : ""}`, cut])).values()];
}

/** The disk after each of the cuts, some of them in the order of the calls, and then some again. */
function* statesOf(recording: Recording, cuts: readonly Cut[], random: Random): Generator<{ cut: Cut; tree: Tree }> {
  for (let at = 0; at < cuts.length; at += cutsAtOnce) {
    const inOrder = cuts.slice(at, at + cutsAtOnce).sort((a, b) => a.at - b.at);
    yield* statesInOrder(recording, inOrder, random);
  }
}

/** Walks through a recording once. */
function* statesInOrder(
  recording: Recording,
  cuts: readonly Cut[],
  random: Random,
): Generator<{ cut: Cut; tree: Tree }> {
  const disk = diskOf(recording.root, recording.before);
  let made = 0;
  for (const cut of cuts) {
    for (const call of recording.calls.slice(made, cut.at)) disk.apply(call);
    made = cut.at;
    const fate = fates[cut.fate]?.(random);
    if (fate !== undefined) yield { cut, tree: afterCut(disk, fate) };
  }
}
