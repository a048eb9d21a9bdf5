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

/** ms for which an old state is kept for an undo. */
export const keptForMs = 7 * dayMs;

const keptFile = z.strictObject({ ref: z.string(), box: z.string(), at: z.int(), kept: keptSchema });
type KeptFile = z.output<typeof keptFile>;

/**
 * The person of a file, and since when (ms since 1970) it is kept; null if the file cannot be read: then there is no
 * undo.
 */
type Facts = (Pick<KeptFile, "ref" | "box" | "at"> & { person: string }) | null;

/**
 * The states of people on boxes before they were changed: one file for each, readable only by its owner, because it
 * contains a photo. A file is removed after 7 days, after the undo, and together with the action. Only one process uses
 * the folder.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #clock: () => number;
  readonly #mayRemove: () => boolean;
  /** By file name. Reading the photos of a week at each look would be too much. */
  readonly #facts = new Map<string, Facts>();

  /** @param mayRemove whether the clock is believed; nothing is removed before */
  constructor(folder: string, clock: () => number, mayRemove: () => boolean = () => true) {
    makeFolder(folder);
    this.#folder = folder;
    this.#clock = clock;
    this.#mayRemove = mayRemove;
    for (const name of readdirSync(folder)) {
      // Left by a process that ended during a write.
      if (name.endsWith(".new")) rmSync(join(folder, name));
      else this.#facts.set(name, factsOf(this.#read(name)));
    }
  }

  /** Durable when it returns. An existing file stays: it has the state before all changes. */
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

  /** Null if nothing was kept, or it is older than 7 days. */
  get(ref: string, box: string): Kept | null {
    const read = this.#read(nameOf(ref, box));
    return read === null || this.#isOver(read) ? null : read.kept;
  }

  /** Since when it is kept, ms since 1970; null if nothing is kept. */
  keptAt(ref: string, box: string): number | null {
    return this.#facts.get(nameOf(ref, box))?.at ?? null;
  }

  remove(ref: string, box: string): void {
    const fileName = nameOf(ref, box);
    this.#removeWhere((_, name) => name === fileName);
  }

  /** Removes the kept states of a person at a box, for all actions. */
  removePerson(person: string, box: string): void {
    this.#removeWhere((facts) => facts === null || (facts.box === box && facts.person === person));
  }

  /** Removes expired and unreadable files, and returns the actions of the rest, each once. */
  expire(): string[] {
    this.#removeWhere((facts) => facts === null || this.#isOver(facts));
    return [...new Set([...this.#facts.values()].flatMap((facts) => facts?.ref ?? []))];
  }

  /** Removes all kept states of an action. */
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

  /** Null if the file is missing or cannot be read. */
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
