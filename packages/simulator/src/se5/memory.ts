import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import type { Passing } from "../passing.ts";

/** What an SE5 remembers of the passings it saw, in order. With a file it survives the process, as a box's disk does. */
export class Memory {
  readonly #file: string | null;
  readonly #passings: Passing[];

  constructor(file: string | null) {
    this.#file = file;
    this.#passings = file === null || !existsSync(file) ? [] : readWhole(file);
  }

  get size(): number {
    return this.#passings.length;
  }

  add(passing: Passing): void {
    if (this.#file !== null) appendFileSync(this.#file, `${JSON.stringify(passing)}\n`);
    this.#passings.push(passing);
  }

  find(number: number): Passing | undefined {
    return this.#passings.find((passing) => passing.number === number);
  }

  byImage(imageId: string): Passing | undefined {
    return this.#passings.find(({ person }) => person.imageId === imageId);
  }

  /** Newest first, as boxes list them. */
  between(from: number, to: number): Passing[] {
    return this.#passings.filter(({ at }) => at >= from && at <= to).reverse();
  }

  all(): readonly Passing[] {
    return this.#passings;
  }
}

/** A process that was killed may have left half a line: it never was. */
function readWhole(file: string): Passing[] {
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  truncateSync(file, Buffer.byteLength(whole));
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}
