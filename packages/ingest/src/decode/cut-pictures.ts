import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "@gatepost/protocol";

/** How base64 of a JPEG begins: whoever looks for anything else in texts passes over it. */
const pictureBeginning = "/9j/";

/** As long as no name and no number is: nobody takes a mark for one of these. */
const markLength = 80;

/** What was cut out of a body before it was parsed. */
export interface Cut {
  /** The bytes of a picture; null where the text is no picture's, and must be put back. */
  picture: Buffer<ArrayBuffer> | null;
  /** The text as it was sent. */
  text(): string;
}

/**
 * The long texts that were cut out of a body before it was parsed. A mark, which nobody can guess, stands in the place of
 * each. Of a picture only its bytes are needed, and no string is made of it: that is most of what a report costs.
 */
export class CutPictures {
  readonly #secret = randomUUID();
  readonly #cuts: Cut[] = [];

  /** Takes a text that was cut out of a body; returns the mark that stands for it. */
  add(cut: Cut): string {
    this.#cuts.push(cut);
    const beginning = cut.picture === null ? "" : pictureBeginning;
    return `${beginning}${this.#secret}${this.#cuts.length - 1}.`.padEnd(markLength, "x");
  }

  get hasPictures(): boolean {
    return this.#cuts.some(({ picture }) => picture !== null);
  }

  /** What was cut out and is no picture. */
  get others(): string[] {
    return this.#cuts.filter(({ picture }) => picture === null).map(({ text }) => text());
  }

  /** The bytes of the picture that a mark stands for; null for any other text. */
  find(mark: string): Buffer<ArrayBuffer> | null {
    return this.#cutOf(mark)?.picture ?? null;
  }

  /** How many marks of pictures there are in a value. */
  countIn(value: unknown): number {
    if (typeof value === "string") return Number(value.includes(this.#secret));
    if (typeof value !== "object" || value === null) return 0;
    return Object.values(value).reduce((sum: number, child) => sum + this.countIn(child), 0);
  }

  /** A value with every text in its place again; the value itself is changed. */
  restored(value: Json): Json {
    if (typeof value === "string") return this.#cutOf(value)?.text() ?? value;
    if (typeof value === "object" && value !== null) this.putBack(value, "all");
    return value;
  }

  /** Puts the texts in the places of their marks, anywhere in a value; of all, or of the others than pictures. */
  putBack(root: Json[] | JsonObject, which: "all" | "others"): void {
    const open = [root];
    const found = (child: Json): string | undefined => {
      const cut = typeof child === "string" ? this.#cutOf(child) : undefined;
      if (typeof child === "object" && child !== null) open.push(child);
      return cut === undefined || (which === "others" && cut.picture !== null) ? undefined : cut.text();
    };
    for (let branch = open.pop(); branch !== undefined; branch = open.pop()) {
      if (Array.isArray(branch)) putBackIntoList(branch, found);
      else putBackIntoObject(branch, found);
    }
  }

  #cutOf(mark: string): Cut | undefined {
    if (mark.length !== markLength) return undefined;
    const [, number] = mark.split(this.#secret);
    return number === undefined ? undefined : this.#cuts[Number.parseInt(number, 10)];
  }
}

/**
 * Gives back the memory of pictures that are stored. Left to the garbage collector, the pictures of many reports make it
 * run all the time.
 */
export function free(pictures: Iterable<Buffer<ArrayBuffer>>): void {
  for (const { buffer, byteLength } of pictures) {
    // A small one shares its memory with others.
    if (buffer.byteLength === byteLength) buffer.transfer(0);
  }
}

function putBackIntoList(list: Json[], found: (child: Json) => string | undefined): void {
  for (const [index, child] of list.entries()) {
    const text = found(child);
    if (text !== undefined) list[index] = text;
  }
}

function putBackIntoObject(object: JsonObject, found: (child: Json) => string | undefined): void {
  for (const [key, child] of Object.entries(object)) {
    const text = found(child);
    if (text !== undefined) object[key] = text;
  }
}
