import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { dayMs, jsonIn } from "@gatepost/protocol";
import { syncFolder } from "@gatepost/sqlite";
import * as z from "zod";
import { makeFolder } from "../folder.ts";
import { type Kept, keptSchema } from "../people/kept.ts";

/** ms for which an undo finds how a box was. */
export const keptForMs = 7 * dayMs;

const keptFile = z.strictObject({ ref: z.string(), box: z.string(), at: z.int(), kept: keptSchema });
type KeptFile = z.output<typeof keptFile>;

/** Of whom a file is, and since when, ms; null where it cannot be understood, so that nothing can be undone by it. */
type Facts = (Pick<KeptFile, "ref" | "box" | "at"> & { person: string }) | null;

/**
 * How boxes had people before they were changed: a file each, for its owner alone, because it holds a photo. It is gone
 * after 7 days, after the undo, and with the action. One process has the folder.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #clock: () => number;
  readonly #mayRemove: () => boolean;
  /** By the names of the files. The photos of a week are too much to be read at each look. */
  readonly #facts = new Map<string, Facts>();

  /** @param mayRemove whether the clock is believed; nothing is over before */
  constructor(folder: string, clock: () => number, mayRemove: () => boolean = () => true) {
    makeFolder(folder);
    this.#folder = folder;
    this.#clock = clock;
    this.#mayRemove = mayRemove;
    for (const name of readdirSync(folder)) {
      // What a process that ended while it wrote has left.
      if (name.endsWith(".new")) rmSync(join(folder, name));
      else this.#facts.set(name, factsOf(this.#read(name)));
    }
  }

  /** Durable when it returns. What is there already stays: the first is how the box was before everything. */
  put(ref: string, box: string, kept: Kept): void {
    const name = nameOf(ref, box);
    const file = join(this.#folder, name);
    if (this.get(ref, box) !== null) return;
    const content: KeptFile = { ref, box, at: this.#clock(), kept };
    const opened = openSync(`${file}.new`, "w", 0o600);
    try {
      writeFileSync(opened, JSON.stringify(content));
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(`${file}.new`, file);
    this.#facts.set(name, factsOf(content));
    syncFolder(this.#folder);
  }

  /** Null where nothing was kept, or it is older than 7 days. */
  get(ref: string, box: string): Kept | null {
    const read = this.#read(nameOf(ref, box));
    return read === null || this.#isOver(read) ? null : read.kept;
  }

  /** Since when it is kept, ms; null where nothing is. */
  keptAt(ref: string, box: string): number | null {
    return this.#facts.get(nameOf(ref, box))?.at ?? null;
  }

  remove(ref: string, box: string): void {
    const own = nameOf(ref, box);
    this.#removeWhere((_, name) => name === own);
  }

  /** Removes what is kept of a person at a box, under whatever action. */
  removePerson(person: string, box: string): void {
    this.#removeWhere((facts) => facts === null || (facts.box === box && facts.person === person));
  }

  /** Removes what is over, and returns which actions the rest is of, each once. */
  expire(): string[] {
    this.#removeWhere((facts) => facts === null || this.#isOver(facts));
    return [...new Set([...this.#facts.values()].flatMap((facts) => facts?.ref ?? []))];
  }

  /** Removes what is kept of an action. */
  removeAll(ref: string): void {
    this.#removeWhere((facts) => facts?.ref === ref);
  }

  #removeWhere(isOne: (facts: Facts, name: string) => boolean): void {
    for (const [name, facts] of this.#facts) {
      if (!isOne(facts, name)) continue;
      rmSync(join(this.#folder, name), { force: true });
      this.#facts.delete(name);
    }
    syncFolder(this.#folder);
  }

  /** Null where there is none, or it cannot be understood. */
  #read(name: string): KeptFile | null {
    const file = join(this.#folder, name);
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
    const read = keptFile.safeParse(jsonIn(readFileSync(file, "utf8")));
    return read.success ? read.data : null;
  }

  #isOver({ at }: { at: number }): boolean {
    return this.#mayRemove() && this.#clock() - at > keptForMs;
  }
}

function factsOf(read: KeptFile | null): Facts {
  return read && { ref: read.ref, box: read.box, at: read.at, person: read.kept.personId };
}

function nameOf(ref: string, box: string): string {
  const name = createHash("sha256")
    .update(JSON.stringify([ref, box]))
    .digest("hex");
  return `${name.slice(0, 32)}.json`;
}
