import { seededFor } from "../../../packages/simulator/src/random.ts";
import { World } from "../aws/world.ts";
import { virtualise } from "../engine/virtual.ts";
import { post, postGarbage, postStatus } from "./boxes.ts";
import { Bridged } from "./bridged.ts";
import type { Case, Step } from "./case.ts";
import { checkEnd, checkNow } from "./checks.ts";
import {
  answerFromNowOn,
  eraseEvent,
  erasePerson,
  finish,
  follow,
  makeKeys,
  removeExpired,
  replayAll,
  revoke,
  see,
  settleAll,
  sweep,
} from "./operators.ts";
import { RunState } from "./state.ts";
import { Watcher } from "./watcher.ts";

export interface Outcome {
  /** The broken promise; null if all were kept. */
  failure: string | null;
  /** A digest of all lines, in order. */
  digest: string;
  lines: readonly string[];
}

/** Tasks that a run has at most. */
const maxTasks = 400_000;

/** ms since the beginning after which there are no more faults, and all comes to rest. */
const calmFrom = 100_000;

/** Plays one case from its beginning to its end. Nothing else may run in this process meanwhile. */
export async function play(one: Case, { keepsTrace = false } = {}): Promise<Outcome> {
  const world = new World(one, { keepsTrace });
  const run = new RunState(one, world);
  const restore = virtualise(world.scheduler, seededFor(one.seed, "ids"));
  let failure: string | null = null;
  try {
    await world.scheduler.until(playAll(run), maxTasks);
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    restore();
    run.bridge?.end();
  }
  return { failure, digest: world.digest, lines: world.lines };
}

async function playAll(run: RunState): Promise<void> {
  const { steps } = run.one;
  await makeKeys(run);
  const bridged = steps.some((step) => step.do === "relay") ? new Bridged(run) : null;
  await Promise.all(steps.map((step) => playStep(step, { run, bridged })));
  const over = steps.map((step) => step.at + (step.do === "sleep" ? step.ms : 0));
  await calm(Math.max(calmFrom, ...over), run);
  each(run.watchers, (watcher) => watcher.comeBack());
  if (run.watchers.length > 0) await run.pause(caughtUpMs);
  await checkEnd(run);
  each(run.watchers, (watcher) => watcher.end());
  run.trace("over");
}

/** The promises are checked after every step. The first broken one ends the run. */
async function playStep(step: Step, { run, bridged }: { run: RunState; bridged: Bridged | null }): Promise<void> {
  await run.pause(step.at - run.world.elapsed);
  run.trace(`step ${JSON.stringify(step).slice(0, 300)}`);
  if (step.do === "relay") await bridged?.post(step);
  else await act(step, run);
  checkNow(run);
}

type Acts = { [Name in Exclude<Step["do"], "relay">]: (step: Step & { do: Name }, run: RunState) => unknown };

const acts: Acts = {
  post,
  garbage: postGarbage,
  status: postStatus,
  sweep: ({ by }, run) => sweep(by, run),
  "erase-person": erasePerson,
  "erase-event": eraseEvent,
  finish: ({ by }, run) => finish(by, run),
  replay: (_, run) => replayAll(run),
  settle: ({ as }, run) => settleAll(as, run),
  answer: ({ as }, run) => answerFromNowOn(as, run),
  revoke: ({ box }, run) => revoke(box, run),
  watch,
  lose: (_, { watchers }) => each(watchers, (watcher) => watcher.lose()),
  close: (_, { watchers }) => each(watchers, (watcher) => watcher.closeOne()),
  sleep: ({ ms }, { watchers }) => each(watchers, (watcher) => watcher.sleep(ms)),
  see,
  follow: (_, run) => follow(run),
  "remove-expired": (_, run) => removeExpired(run),
};

function act<Name extends keyof Acts>(step: Step & { do: Name }, run: RunState): unknown {
  return acts[step.do](step, run);
}

function watch({ tabs }: Step & { do: "watch" }, { world, watchers, one }: RunState): void {
  const watcher = new Watcher(world, { name: `watcher-${watchers.length}`, seed: one.seed, tabs });
  watchers.push(watcher);
  watcher.start();
}

function each(watchers: readonly Watcher[], act: (watcher: Watcher) => void): void {
  for (const watcher of watchers) act(watcher);
}

/** ms of the rest, in which laptops sleep, and ms after it in which a page that asks again has everything. */
const [restMs, caughtUpMs] = [330_000, 60_000];

/** There are no more faults: all waiting work is announced, finished, sent and read. */
async function calm(from: number, run: RunState): Promise<void> {
  await run.pause(from - run.world.elapsed);
  each(run.watchers, (watcher) => watcher.sleep(restMs));
  await finish(0, run);
  await run.pause(66_000);
  await Promise.all([sweep(0, run), sweep(1, run)]);
  await follow(run);
  await run.pause(66_000);
  await Promise.all([sweep(1, run), sweep(0, run), finish(1, run)]);
  await run.pause(20_000);
  await run.pause(20_000);
  await finish(0, run);
  await follow(run);
  await run.pause(25_000);
  await follow(run);
  // What of an erasure was found late is decided about twice more.
  for (const by of [1, 0]) {
    await run.pause(72_000);
    await finish(by, run);
  }
}
