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
import { syncFolder } from "@gatepost/sqlite";
import * as z from "zod";
import { makeFolder } from "../folder.ts";
import { type Kept, keptSchema } from "../people/kept.ts";

/** ms for which an undo finds how a box was. */
const keptForMs = 7 * 24 * 60 * 60_000;

const keptFile = z.strictObject({ ref: z.string(), box: z.string(), at: z.int(), kept: keptSchema });
type KeptFile = z.output<typeof keptFile>;

/**
 * How boxes had people before they were changed: a file each, for its owner alone, because it holds a photo. It is gone
 * after 7 days, after the undo, and with the action.
 */
export class KeptFiles {
  readonly #folder: string;
  readonly #clock: () => number;

  constructor(folder: string, clock: () => number) {
    makeFolder(folder);
    this.#folder = folder;
    this.#clock = clock;
    // What a process that ended while it wrote has left.
    for (const name of readdirSync(folder)) if (name.endsWith(".new")) rmSync(join(folder, name));
  }

  /** Durable when it returns. What is there already stays: the first is how the box was before everything. */
  put(ref: string, box: string, kept: Kept): void {
    const file = this.#fileOf(ref, box);
    if (this.get(ref, box) !== null) return;
    const opened = openSync(`${file}.new`, "w", 0o600);
    try {
      writeFileSync(opened, JSON.stringify({ ref, box, at: this.#clock(), kept } satisfies KeptFile));
      fsyncSync(opened);
    } finally {
      closeSync(opened);
    }
    renameSync(`${file}.new`, file);
    syncFolder(this.#folder);
  }

  /** Null where nothing was kept, or it is older than 7 days. */
  get(ref: string, box: string): Kept | null {
    const read = this.#read(this.#fileOf(ref, box));
    return read === null || this.#isOver(read) ? null : read.kept;
  }

  remove(ref: string, box: string): void {
    rmSync(this.#fileOf(ref, box), { force: true });
    syncFolder(this.#folder);
  }

  /** Removes what is kept of a person at a box, under whatever action. */
  removePerson(person: string, box: string): void {
    for (const { file, read } of this.#all()) {
      if (read === null || (read.box === box && read.kept.personId === person)) rmSync(file, { force: true });
    }
    syncFolder(this.#folder);
  }

  /** Removes what is over, and returns which actions the rest is of, each once. */
  expire(): string[] {
    const left = this.#all().filter(({ file, read }) => {
      const isOver = read === null || this.#isOver(read);
      if (isOver) rmSync(file, { force: true });
      return !isOver;
    });
    return [...new Set(left.flatMap(({ read }) => read?.ref ?? []))];
  }

  /** Removes what is kept of an action. */
  removeAll(ref: string): void {
    for (const { file, read } of this.#all()) if (read?.ref === ref) rmSync(file, { force: true });
    syncFolder(this.#folder);
  }

  #all(): { file: string; read: KeptFile | null }[] {
    const files = readdirSync(this.#folder).map((name) => join(this.#folder, name));
    return files.map((file) => ({ file, read: this.#read(file) }));
  }

  /** Null where there is none, or it cannot be understood: then nothing can be undone by it. */
  #read(file: string): KeptFile | null {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) return null;
    const read = keptFile.safeParse(parse(readFileSync(file, "utf8")));
    return read.success ? read.data : null;
  }

  #isOver({ at }: KeptFile): boolean {
    return this.#clock() - at > keptForMs;
  }

  #fileOf(ref: string, box: string): string {
    const name = createHash("sha256")
      .update(JSON.stringify([ref, box]))
      .digest("hex")
      .slice(0, 32);
    return join(this.#folder, `${name}.json`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
