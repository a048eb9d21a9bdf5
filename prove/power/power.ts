import { join } from "node:path";
import type { Outcome, Share } from "../outcome.ts";
import { type BadState, type Explored, explore } from "./explore.ts";
import { failingCalls } from "./faults.ts";
import { keepState } from "./kept-state.ts";
import { type Recording, record, recordFailing, type Scene, standingsAt } from "./recording.ts";
import { scenes } from "./scenes/all.ts";
import { scratch } from "./scratch.ts";

export interface PowerOptions extends Share {
  /** States at most, of all scenes. */
  states: number;
  /** The only scene; null for all. */
  scene: string | null;
  /** The only call that fails; nothing else is judged then. Null for all calls. */
  at: string | null;
  /** Whether the first finding of a scene is enough. */
  isFirstEnough: boolean;
  /** The folder for states that broke a promise. */
  found: string;
}

/** States that are drawn of one recording. Then the scenes are played anew. */
const statesOfRound = 1500;

/** The percentage of states, and of time, for runs in which a call fails. */
const shareOfFailing = 25;

/** Runs in which a call fails, however little time there is. */
const leastFailing = 6;

/** States that are judged of a run in which a call fails: its end, and some before it. */
const statesOfFailing = 4;

/** Plays the scenes and checks the states that power cuts may leave, until no time or no state is left. */
export async function provePower(options: PowerOptions): Promise<Outcome> {
  const { seed, timeMs, states, scene, at } = options;
  const played = scenes.filter(({ name }) => scene === null || name === scene);
  const total: Total = { states: 0, real: 0, calls: 0, answers: 0, failed: 0 };
  const findings: string[] = [];
  const end = Date.now() + timeMs;
  for (let round = 0; round === 0 || (total.states < states && Date.now() < end && findings.length === 0); round++) {
    const exploring: Exploring = {
      ...options,
      seed: seed + round,
      states: Math.min(states - total.states, statesOfRound),
      until: Math.min(end, Date.now() + Math.max(timeMs / 4, 60_000)),
      findings,
    };
    await using opened = new AsyncDisposableStack();
    // All are recorded before the time that is left is divided: so none goes without.
    const recordings = await recordAll(played, { seed: seed + round, opened, findings });
    if (at === null) await exploreScenes(recordings, exploring, total);
    await exploreFailing(recordings, exploring, total);
  }
  const done = `${total.states} power-loss states (${total.real} with the real program) of ${total.calls} calls and ${total.answers} answers, and of ${total.failed} runs in which a call failed`;
  return { done, findings };
}

interface Total {
  states: number;
  real: number;
  calls: number;
  answers: number;
  /** Runs in which a call failed. */
  failed: number;
}

/** The states that are judged in one round, or of one recording. */
interface Exploring extends PowerOptions {
  /** ms since 1970. */
  until: number;
  findings: string[];
  fate?: string;
  /** The call that fails. */
  fault?: string;
}

/** Judges each recording for its share of the time and of the states. */
async function exploreScenes(recordings: readonly Recording[], exploring: Exploring, total: Total): Promise<void> {
  const { seed, states, until, print } = exploring;
  const shares = recordings.reduce((sum, { scene: { share } }) => sum + share, 0);
  let sharesLeft = shareOfFailing + shares;
  for (const recording of recordings) {
    const { scene, calls } = recording;
    const untilOwn = Date.now() + ((until - Date.now()) * scene.share) / sharesLeft;
    sharesLeft -= scene.share;
    const own = Math.ceil((states * scene.share) / shares);
    const explored = await exploreOne(recording, { ...exploring, until: untilOwn, states: own });
    total.states += explored.states;
    total.real += explored.real;
    total.calls += calls.length;
    total.answers += calls.filter(({ kind }) => kind === "answer").length;
    print(`power: ${scene.name}, seed ${seed}: ${calls.length} calls, ${explored.states} states, ${explored.bad} bad`);
  }
}

/** Plays scenes again while one of their calls fails, and judges the states in which each run was killed. */
async function exploreFailing(recordings: readonly Recording[], exploring: Exploring, total: Total): Promise<void> {
  const { seed, at, states, until, findings, isFirstEnough } = exploring;
  let left = at === null ? Math.ceil((states * shareOfFailing) / 100) : states;
  for (const { of, fault } of failingCalls(recordings, { seed, at })) {
    const isOver = total.failed >= leastFailing && Date.now() > until;
    if (left <= 0 || isOver || (isFirstEnough && findings.length > 0)) break;
    await using root = await scratch();
    const recording = await recordFailing(of.scene, { root: root.path, seed }, fault);
    await using _ = recording.play;
    const explored = await exploreOne(recording, { ...exploring, states: statesOfFailing, fate: "kept", fault });
    left -= explored.states;
    total.states += explored.states;
    total.failed += 1;
  }
}

async function exploreOne(recording: Recording, options: Exploring): Promise<Explored> {
  return explore(recording, {
    ...options,
    async onFinding(bad) {
      const file = await keep(recording, bad, options);
      options.findings.push(
        `power: ${recording.scene.name}${options.fault === undefined ? "" : `, ${options.fault}`}, cut ${bad.cut}, ${bad.fate}: ${bad.findings.slice(0, 3).join("; ")}; kept in ${file}`,
      );
    },
  });
}

function keep(
  { play, calls, scene }: Recording,
  { tree, cut, fate, findings }: BadState,
  { seed, found }: PowerOptions,
) {
  const at = calls[cut - 1]?.at ?? 0;
  const files = [...tree.files].filter(([path]) => !path.endsWith("-shm") && !path.endsWith(join("/", "reserve")));
  return keepState(found, {
    scene: scene.name,
    seed,
    cut,
    fate,
    findings,
    at: at + (play.aheadMs ?? 0),
    look: play.look,
    standings: standingsAt(play.operations(), calls, cut),
    arrivals: play.hasRules === true ? play.arrivals.filter((arrival) => arrival.at <= at) : null,
    files: Object.fromEntries(files.map(([path, content]) => [path, content.toString("base64")])),
    folders: tree.folders,
  });
}

/** Records each scene in its own folder. If a workload itself fails, that is a finding. */
async function recordAll(
  played: readonly Scene[],
  { seed, opened, findings }: { seed: number; opened: AsyncDisposableStack; findings: string[] },
): Promise<Recording[]> {
  const recordings: Recording[] = [];
  for (const scene of played) {
    const root = opened.use(await scratch());
    try {
      const recording = await record(scene, { root: root.path, seed });
      opened.use(recording.play);
      recordings.push(recording);
    } catch (error) {
      findings.push(`power: ${scene.name} cannot be played: ${error}`);
    }
  }
  return recordings;
}
