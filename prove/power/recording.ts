import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "./calls.ts";
import type { Arrival, Operation, Standing } from "./claims.ts";
import { afterCut, Disk, type Tree } from "./disk.ts";
import { kept } from "./fates.ts";
import type { Look } from "./kept-state.ts";
import { filesBelow, foldersBelow, scratch } from "./scratch.ts";
import { launch } from "./server.ts";
import { recording } from "./strace.ts";
import { countCalls, readTrace } from "./trace.ts";

/** The input of a scene. */
export interface Stage {
  /** The scene's own folder; all watched files are below it. */
  root: string;
  seed: number;
}

/** A recorded workload, and the look after each cut. */
export interface Scene {
  name: string;
  /** How many of a hundred states are of this scene. */
  share: number;
  /** Prepares earlier data, and returns how the scene is played. */
  prepare(stage: Stage): Promise<Play>;
}

/** A prepared scene. */
export interface Play extends AsyncDisposable {
  /** The arguments of `gatepost`, and the line that it prints when it is ready. */
  args: readonly string[];
  ready: RegExp;
  env?: Record<string, string>;
  aheadMs?: number;
  /** Calls that fail, in the syntax of `strace`: some requests are answered 503 then, and sent again. */
  fault?: string;
  /** Plays the workload against the started program. Fills `operations` and `arrivals`. */
  drive(found: string): Promise<void>;
  operations(): readonly Operation[];
  arrivals: readonly Arrival[];
  /** The look after a cut. */
  look: Look;
  /** Whether a rule asks for actions. */
  hasRules?: boolean;
  /** Looks at the files in a root folder. Returns the broken promises. */
  check(found: Found): Promise<string[]>;
}

/** The state after a cut. */
interface Found {
  root: string;
  standings: readonly Standing[];
  /** The entries that had arrived elsewhere before the cut. */
  arrivals: readonly Arrival[];
  /** Whether the real program is started on it. */
  isReal: boolean;
  /** Whether boxes repeat their requests. */
  isSentAgain: boolean;
}

export interface Recording {
  scene: Scene;
  play: Play;
  calls: readonly Call[];
  /** How many calls of each name its busiest thread made. */
  counts: ReadonlyMap<string, number>;
  root: string;
  /** The files before the first call. */
  before: Tree;
}

/** Plays a scene under strace. */
export async function record(scene: Scene, stage: Stage): Promise<Recording> {
  const recording = await recordAny(scene, stage, null);
  try {
    hold(recording);
  } catch (error) {
    await recording.play[Symbol.asyncDispose]();
    throw error;
  }
  return recording;
}

/**
 * Plays a scene while one call fails. The program may refuse requests, end, or not start; the recording is as processes
 * see the disk: a killed process leaves what a sync could not write.
 *
 * @param fault the call, in the syntax of `strace`
 */
export async function recordFailing(scene: Scene, stage: Stage, fault: string): Promise<Recording> {
  const recording = await recordAny(scene, stage, fault);
  return { ...recording, calls: recording.calls.filter(isSeen) };
}

async function recordAny(scene: Scene, stage: Stage, fault: string | null): Promise<Recording> {
  const { root } = stage;
  await using opened = new AsyncDisposableStack();
  const play = opened.use(await scene.prepare(stage));
  const before = { files: await filesBelow(root), folders: await foldersBelow(root) };
  const folder = opened.use(await scratch());
  const file = join(folder.path, "trace");
  try {
    const running = await launch({ ...play, under: recording(file, fault ?? play.fault) });
    try {
      await play.drive(running.found);
    } finally {
      await running.end("SIGTERM");
    }
  } catch (error) {
    // Every earlier answer must hold; before the start, the earlier state must be unchanged.
    if (fault === null) throw error;
  }
  const trace = await readFile(file, "latin1");
  const calls = readTrace(trace, root);
  await compare(root, diskOf(root, before, calls.filter(isSeen)));
  const closing = opened.move();
  const closed = { ...play, [Symbol.asyncDispose]: () => closing.disposeAsync() };
  return { scene, play: closed, calls, counts: countCalls(trace), root, before };
}

/** Processes still see the writes that a failed sync may have lost. */
function isSeen(call: Call): boolean {
  return call.kind !== "sync-end" || call.isDone;
}

/** Throws if a request was refused though nothing failed, if nothing failed that was to, or if an answer is missing. */
function hold({ scene, play, calls }: Recording): void {
  const refused = calls.filter((call) => call.kind === "answer" && call.status >= 300);
  if (refused.length > 0 && play.fault === undefined)
    throw new Error(`${refused.length} requests of ${scene.name} were refused`);
  if (refused.length === 0 && play.fault !== undefined) throw new Error(`no call of ${scene.name} has failed`);
  const unanswered = standingsAt(play.operations(), calls, calls.length).filter(
    ({ progress }) => progress !== "answered",
  );
  if (unanswered.length > refused.length)
    throw new Error(`${unanswered.length - refused.length} answers are not in the recording of ${scene.name}`);
}

/** The disk after some calls. */
export function diskOf(root: string, before: Recording["before"], calls: readonly Call[] = []): Disk {
  const disk = new Disk(root, before);
  for (const call of calls) disk.apply(call);
  return disk;
}

/** Compares the result of the calls with the files. Throws if they differ: then calls were overlooked. */
async function compare(root: string, disk: Disk): Promise<void> {
  const { files } = afterCut(disk, kept);
  const found = await filesBelow(root);
  const names = new Set([...files.keys(), ...found.keys()]);
  for (const name of names) {
    if (name.endsWith("-shm") || files.get(name)?.equals(found.get(name) ?? Buffer.alloc(0)) === true) continue;
    throw new Error(`${name} differs from the result of the recorded calls: the recording cannot be used`);
  }
}

/**
 * How far each operation had come when the calls up to `cut` were made. The system gives a port out again, so the answer
 * to an operation is one that was sent on its port after it began.
 */
export function standingsAt(operations: readonly Operation[], calls: readonly Call[], cut: number): Standing[] {
  const lastAnswers = new Map<number, number>();
  for (const call of calls.slice(0, cut)) {
    if (call.kind === "answer" && call.status < 300) lastAnswers.set(call.port, call.at);
  }
  const now = calls[cut - 1]?.at ?? 0;
  return operations.map((operation) => {
    const { port, begunAt } = operation;
    const isAnswered = port === null || (lastAnswers.get(port) ?? 0) > begunAt;
    return { operation, progress: isAnswered ? "answered" : begunAt <= now ? "begun" : "unsent" };
  });
}
