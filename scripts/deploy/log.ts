import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";
import { masked } from "../../packages/core/src/masking/index.ts";

/** The ids of access keys, and the twelve digits of an account, also in groups of four. */
const ofAws = /(?<![A-Za-z\d])A[KS]IA[A-Z\d]{16}|(?<!\d)(?:\d{12}|\d{4}-\d{4}-\d{4})(?!\d)/g;

/** A line without colours, and with stars in place of keys and account numbers. */
function shareable(line: string): string {
  return masked(stripVTControlCharacters(line)).replaceAll(ofAws, (found) => "*".repeat(found.length));
}

/** What a deploy prints, on the terminal and, masked, in a file if one is named. */
export class DeployLog {
  readonly #file: number | null;

  /** Throws if the file cannot be written. */
  constructor(path: string | undefined) {
    this.#file = path === undefined ? null : openSync(path, "w");
  }

  say(text: string, to: NodeJS.WriteStream = process.stdout): void {
    to.write(`${text}\n`);
    for (const line of text.split("\n")) this.#keep(line);
  }

  /** How a program starts whose output is kept. Without a file it has the terminal to itself, and draws on it. */
  get stdio(): StdioOptions {
    return this.#file === null ? "inherit" : ["inherit", "pipe", "pipe"];
  }

  /** Resolves with the exit code of a started program once all of its output is written. */
  async endOf(child: ChildProcess): Promise<number> {
    // An interrupt also reaches the program, which ends in its own order.
    const stay = () => undefined;
    process.on("SIGINT", stay);
    try {
      const [[code]] = await Promise.all([once(child, "close"), this.#copy(child)]);
      return code ?? 1;
    } finally {
      process.off("SIGINT", stay);
    }
  }

  async #copy({ stdout, stderr }: ChildProcess): Promise<void> {
    const copy = async (from: NodeJS.ReadableStream | null, to: NodeJS.WriteStream) => {
      if (from === null) return;
      from.pipe(to, { end: false });
      for await (const line of createInterface({ input: from })) this.#keep(line);
    };
    await Promise.all([copy(stdout, process.stdout), copy(stderr, process.stderr)]);
  }

  #keep(line: string): void {
    if (this.#file !== null) writeSync(this.#file, `${shareable(line)}\n`);
  }
}
