import { randomUUID } from "node:crypto";
import type { Json, JsonObject } from "@gatepost/protocol";

/** How the base64 of a JPEG begins. A search for anything else in texts may skip such a text. */
const pictureBeginning = "/9j/";

/** Longer than any name or number, so that no mark is taken for one. */
const markLength = 80;

/** A text that was cut out of a body before the body was parsed. */
export interface Cut {
  /** The bytes of a picture; null where the text is not a picture and must be put back. */
  picture: Buffer<ArrayBuffer> | null;
  /** The text as it was sent. */
  text(): string;
}

/**
 * The long texts that were cut out of a body before it was parsed. Each is replaced by a mark that nobody can guess. Of
 * a picture only the bytes are needed, and no string is made of it: that string would be most of the cost of a report.
 */
export class CutPictures {
  readonly #secret = randomUUID();
  readonly #cuts: Cut[] = [];

  /** Takes a text that was cut out of a body; returns the mark that replaces it. */
  add(cut: Cut): string {
    this.#cuts.push(cut);
    const beginning = cut.picture === null ? "" : pictureBeginning;
    return `${beginning}${this.#secret}${this.#cuts.length - 1}.`.padEnd(markLength, "x");
  }

  get hasPictures(): boolean {
    return this.#cuts.some(({ picture }) => picture !== null);
  }

  /** The bytes of the picture that a mark stands for; null for any other text. */
  find(mark: string): Buffer<ArrayBuffer> | null {
    return this.#cutOf(mark)?.picture ?? null;
  }

  /** Counts the marks of pictures in a value. */
  countIn(value: unknown): number {
    if (typeof value === "string") return Number(value.includes(this.#secret));
    if (typeof value !== "object" || value === null) return 0;
    return Object.values(value).reduce((sum: number, child) => sum + this.countIn(child), 0);
  }

  /** Puts every text back into a value. Changes the value itself. */
  restored(value: Json): Json {
    if (typeof value === "string") return this.#cutOf(value)?.text() ?? value;
    if (typeof value === "object" && value !== null) this.putBack(value, "all");
    return value;
  }

  /**
   * Puts texts back in the places of their marks, anywhere in a value: all of them, or only those that are not
   * pictures.
   */
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
 * Frees the memory of pictures that are stored. If it were left to the garbage collector, that would run all the time
 * under many reports.
 */
export function free(pictures: Iterable<Buffer<ArrayBuffer>>): void {
  for (const { buffer, byteLength } of pictures) {
    // A small buffer shares its memory with others.
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
