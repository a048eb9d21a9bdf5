import { join } from "node:path";
import type { Outcome, Share } from "../outcome.ts";
import { type BadState, type Explored, explore } from "./explore.ts";
import { keepState } from "./kept-state.ts";
import { type Recording, record, type Scene, standingsAt } from "./recording.ts";
import { scenes } from "./scenes/all.ts";
import { scratch } from "./scratch.ts";

export interface PowerOptions extends Share {
  /** States at most, of all scenes. */
  states: number;
  /** The only scene; null for all. */
  scene: string | null;
  /** Whether the first finding of a scene is enough. */
  isFirstEnough: boolean;
  /** Where states go that do not hold. */
  found: string;
}

/** States that are drawn of one recording. Then the scenes are played anew. */
const statesOfRound = 1500;

/** Plays the scenes and looks at what power cuts may leave, again and again until there is no time or no state left. */
export async function provePower(options: PowerOptions): Promise<Outcome> {
  const { seed, timeMs, states, scene, print } = options;
  const played = scenes.filter(({ name }) => scene === null || name === scene);
  const shares = played.reduce((sum, { share }) => sum + share, 0);
  const total = { states: 0, real: 0, calls: 0, answers: 0 };
  const findings: string[] = [];
  const end = Date.now() + timeMs;
  for (let round = 0; round === 0 || (total.states < states && Date.now() < end && findings.length === 0); round++) {
    const wanted = Math.min(states - total.states, statesOfRound);
    const endOfRound = Math.min(end, Date.now() + Math.max(timeMs / 4, 60_000));
    await using opened = new AsyncDisposableStack();
    // All are recorded before the time that is left is divided: so none goes without.
    const recordings = await recordAll(played, { seed: seed + round, opened, findings });
    let sharesLeft = recordings.reduce((sum, { scene: { share } }) => sum + share, 0);
    for (const recording of recordings) {
      const one = recording.scene;
      const until = Date.now() + ((endOfRound - Date.now()) * one.share) / sharesLeft;
      sharesLeft -= one.share;
      const explored = await exploreOne(recording, {
        ...options,
        seed: seed + round,
        until,
        findings,
        states: Math.ceil((wanted * one.share) / shares),
      });
      total.states += explored.states;
      total.real += explored.real;
      total.calls += recording.calls.length;
      total.answers += recording.calls.filter(({ kind }) => kind === "answer").length;
      print(
        `power: ${one.name}, seed ${seed + round}: ${recording.calls.length} calls, ${explored.states} states, ${explored.bad} bad`,
      );
    }
  }
  const done = `${total.states} power-loss states (${total.real} with the real program) of ${total.calls} calls and ${total.answers} answers`;
  return { done, findings };
}

async function exploreOne(
  recording: Recording,
  options: PowerOptions & { until: number; findings: string[] },
): Promise<Explored> {
  return explore(recording, {
    ...options,
    async onFinding(bad) {
      const file = await keep(recording, bad, options);
      options.findings.push(
        `power: ${recording.scene.name}, cut ${bad.cut}, ${bad.fate}: ${bad.findings.slice(0, 3).join("; ")}; kept in ${file}`,
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

/** Records each scene in a folder of its own. Where a workload itself fails, that is a finding. */
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
