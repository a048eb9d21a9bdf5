import type { AsSent, PictureResizer } from "@gatepost/query";
import { noteShared } from "./own-memory.ts";

/** Pixels of a picture that is made smaller: a larger one takes too much memory. */
const maxPixels = 25_000_000;

/** How many are made at a time, and how many wait for that. */
const atOnce = 2;
const maxWaiting = 64;

const maxSeconds = 5;
const quality = 80;

/** What is used of sharp. */
interface Pipeline {
  rotate(): Pipeline;
  resize(options: { width: number; withoutEnlargement: true }): Pipeline;
  jpeg(options: { quality: number }): Pipeline;
  timeout(options: { seconds: number }): Pipeline;
  toBuffer(): Promise<Buffer>;
}

export type Sharp = (input: Buffer, options: { limitInputPixels: number; sequentialRead: true }) => Pipeline;

/** Makes pictures smaller where sharp is installed, which Gatepost does not need for anything else. */
export class Thumbnails implements PictureResizer {
  readonly #load: () => Promise<Sharp | null>;
  #sharp: Promise<Sharp | null> | null = null;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(load: () => Promise<Sharp | null> = installedSharp) {
    this.#load = load;
  }

  async resize(picture: Buffer, width: number): Promise<Buffer | AsSent> {
    this.#sharp ??= this.#load();
    const sharp = await this.#sharp;
    if (sharp === null) return "not-installed";
    if (this.#running >= atOnce && this.#waiting.length >= maxWaiting) return "busy";
    // One that took too long may be read still.
    noteShared(picture);
    await this.#turn();
    try {
      return await smaller(sharp, picture, width);
    } finally {
      this.#passTurn();
    }
  }

  /** Resolves once another one may be made. */
  async #turn(): Promise<void> {
    if (this.#running >= atOnce) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  /** The first that waits takes the place over, so that nobody who comes meanwhile finds it free. */
  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** A picture that a box sent may be anything: what cannot be read, or takes too long, stays as it is. */
async function smaller(sharp: Sharp, picture: Buffer, width: number): Promise<Buffer | AsSent> {
  try {
    return await sharp(picture, { limitInputPixels: maxPixels, sequentialRead: true })
      .rotate()
      .resize({ width, withoutEnlargement: true })
      .jpeg({ quality })
      .timeout({ seconds: maxSeconds })
      .toBuffer();
  } catch (error) {
    return error instanceof Error && /pixel limit/i.test(error.message) ? "too-large" : "unreadable";
  }
}

/** A name that no bundler and no compiler looks for: it need not be installed. */
const moduleName: string = "sharp";

async function installedSharp(): Promise<Sharp | null> {
  try {
    const { default: found }: { default: unknown } = await import(moduleName);
    return typeof found === "function" ? (found as Sharp) : null;
  } catch {
    return null;
  }
}
