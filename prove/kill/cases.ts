import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Random, whole } from "../../packages/simulator/src/random.ts";
import type { Scene } from "../power/recording.ts";
import { scratch } from "../power/scratch.ts";
import { launch } from "../power/server.ts";

/** The calls at which something happens: those that store, and those that make it durable. */
const names = ["fsync", "fdatasync", "pwrite64", "pwritev", "ftruncate", "rename", "unlink"];

/** What happens: the process ends, the disk fails, or it is full. */
const effects = ["signal=SIGKILL", "error=EIO", "error=ENOSPC"];

/** One thing that happens at one call of a run. */
export interface Case {
  name: string;
  effect: string;
  /** Which call of its thread it is, from 1. */
  when: number;
}

/** How many calls of each name the busiest thread of a run makes. */
export async function countCalls(scene: Scene, seed: number): Promise<Map<string, number>> {
  await using root = await scratch();
  await using folder = await scratch();
  await using play = await scene.prepare({ root: root.path, seed });
  const file = join(folder.path, "trace");
  const under = ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "0", "-o", file, "-e", `trace=${names.join()}`];
  const running = await launch({ ...play, under });
  await play.drive(running.found);
  await running.end("SIGTERM");
  const calls = (await readFile(file, "latin1")).split("\n").map((line) => /^(\d+) +(\w+)\(/.exec(line));
  const counts = new Map<string, number>();
  for (const [, group] of Map.groupBy(calls, (call) => call?.slice(1).join(" "))) {
    const name = group[0]?.[2];
    if (name !== undefined) counts.set(name, Math.max(counts.get(name) ?? 0, group.length));
  }
  return counts;
}

/** Every case of a run in an order of chance. */
export function casesOf(counts: ReadonlyMap<string, number>, random: Random): Case[] {
  const cases = [...counts].flatMap(([name, count]) =>
    effects.flatMap((effect) => Array.from({ length: count }, (_, index): Case => ({ name, effect, when: index + 1 }))),
  );
  for (let last = cases.length - 1; last > 0; last--) {
    const other = whole(0, last + 1, random);
    [cases[last], cases[other]] = [cases[other] as Case, cases[last] as Case];
  }
  return cases;
}

/** The command that lets it happen. */
export function injecting({ name, effect, when }: Case): string[] {
  const what = [`trace=${name}`, `inject=${name}:${effect}:when=${when}`];
  return ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", ...what.flatMap((one) => ["-e", one])];
}
