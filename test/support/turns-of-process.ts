import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

const preload = pathToFileURL(fileURLToPath(new URL("./long-turns.mjs", import.meta.url))).href;

/** Most ms of CPU in one turn of the event loop of a machine that does `unitOfWork` in 20 ms. */
const maxTurnMs = 100;
const units = 5;

const document = JSON.stringify(Array.from({ length: 20_000 }, (_, n) => ({ n, name: `person ${n}`, at: n * 1000 })));

/** Reads 2 MB of JSON. Returns the ms of CPU that it took. */
function unitOfWork(): number {
  const before = process.threadCpuUsage();
  JSON.parse(document);
  JSON.parse(document);
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** Most ms of CPU in one turn of the event loop at this moment: a core that is shared does less in the same time. */
export function maxTurn(): number {
  return Math.max(maxTurnMs, units * Math.max(...Array.from({ length: 4 }, unitOfWork)));
}

/** The turns of the event loop of a process that is started with `variables`. */
export class TurnsOfProcess {
  readonly variables: Record<string, string>;
  readonly #file: string;

  /** @param folder for the record of turns */
  constructor(folder: string) {
    this.#file = join(folder, "turns");
    writeFileSync(this.#file, "");
    this.variables = { NODE_OPTIONS: `--import=${preload}`, GATEPOST_TEST_TURNS: this.#file };
  }

  /**
   * The longest turn while `work` went on, in ms of CPU; the median of three, if the first is too long. `glance` gives
   * the process one more turn, because a turn is noted in a later one.
   */
  async usual(work: () => Promise<unknown>, glance: () => Promise<unknown>): Promise<number> {
    const first = await this.#longest(work, glance);
    if (first <= maxTurn()) return first;
    const all = [first, await this.#longest(work, glance), await this.#longest(work, glance)].sort((a, b) => a - b);
    return all[1] ?? first;
  }

  async #longest(work: () => Promise<unknown>, glance: () => Promise<unknown>): Promise<number> {
    const { length } = readFileSync(this.#file, "utf8");
    await work();
    await glance();
    await setTimeout(20);
    return Math.max(0, ...readFileSync(this.#file, "utf8").slice(length).split("\n").map(Number));
  }
}
