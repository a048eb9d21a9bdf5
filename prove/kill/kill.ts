import { seededFor, whole } from "../../packages/simulator/src/random.ts";
import type { Outcome, Share } from "../outcome.ts";
import type { Operation, Standing } from "../power/claims.ts";
import type { Scene } from "../power/recording.ts";
import { scenes } from "../power/scenes/all.ts";
import { scratch } from "../power/scratch.ts";
import { launch, NotStarted } from "../power/server.ts";
import { type Case, casesOf, countCalls, injecting } from "./cases.ts";

export interface KillOptions extends Share {
  kills: number;
  scene: string | null;
  /** The only call at which something happens; null for all. */
  at: string | null;
  isFirstEnough: boolean;
}

/** The scenes in which the most different calls are made. */
const played = ["working-day", "bridge-spool", "retention", "first-start"];

/**
 * Runs the real program, lets it be killed or the disk fail at one call, and looks for everything that was answered. A case
 * of each scene in turn, until there is no time left.
 */
export async function proveKills({
  seed,
  timeMs,
  kills,
  scene,
  at,
  isFirstEnough,
  print,
}: KillOptions): Promise<Outcome> {
  const end = Date.now() + timeMs;
  const queues: Queue[] = [];
  for (const one of scene === null ? drawn(seed) : scenes.filter(({ name }) => name === scene)) {
    // Counting takes a run: in a short time there are fewer scenes, and others with another seed.
    if (queues.length > 0 && Date.now() + timeMs / 2 > end) break;
    const counts = new Map([...(await countCalls(one, seed))].filter(([name]) => at === null || name === at));
    const cases = casesOf(counts, seededFor(seed, `kills of ${one.name}`));
    queues.push({ scene: one, cases, all: cases.length });
  }
  const findings: string[] = [];
  let done = 0;
  for (const { scene: of, next } of inTurn(queues)) {
    if (done >= kills || Date.now() > end || (isFirstEnough && findings.length > 0)) break;
    done += 1;
    const what = `kill: ${of.name}, ${next.effect} at ${next.name} ${next.when}`;
    findings.push(...(await tryCase(of, next, seed)).map((finding) => `${what}: ${finding}`));
  }
  const of = queues.map((queue) => `${queue.all} of ${queue.scene.name}`).join(", ");
  print(`kill: ${done} cases; there are ${of}`);
  return { done: `${done} kills and failures of the disk`, findings };
}

function drawn(seed: number): Scene[] {
  const chosen = scenes.filter(({ name }) => played.includes(name));
  const first = whole(0, chosen.length, seededFor(seed, "scenes of kills"));
  return [...chosen.slice(first), ...chosen.slice(0, first)];
}

interface Queue {
  scene: Scene;
  cases: Case[];
  all: number;
}

/** A case of each scene, until none is left. */
function* inTurn(queues: readonly Queue[]): Generator<{ scene: Scene; next: Case }> {
  for (let isAny = true; isAny; ) {
    isAny = false;
    for (const { scene, cases } of queues) {
      const next = cases.pop();
      if (next === undefined) continue;
      isAny = true;
      yield { scene, next };
    }
  }
}

async function tryCase(scene: Scene, one: Case, seed: number): Promise<string[]> {
  await using root = await scratch();
  await using play = await scene.prepare({ root: root.path, seed });
  try {
    const running = await launch({ ...play, under: injecting(one) });
    try {
      await play.drive(running.found);
    } catch {
      // It was killed, or refuses what it cannot store: what was answered until then must hold.
    }
    await running.end("SIGTERM");
  } catch (error) {
    // Or it could not start. What was there before must hold.
    if (!(error instanceof NotStarted)) throw error;
  }
  const standings = play.operations().map(standingOf);
  return await play.check({ root: root.path, standings, arrivals: play.arrivals, isReal: false, isSentAgain: true });
}

function standingOf(operation: Operation): Standing {
  return { operation, progress: operation.isAnswered ? "answered" : "begun" };
}
