import type { AsSent, PictureResizer } from "@gatepost/core/pictures";
import { noteShared } from "./own-memory.ts";

/** Most pixels of a picture to resize: a larger one takes too much memory. */
const maxPixels = 25_000_000;

/** How many pictures are resized at a time, and how many may wait. */
const concurrency = 2;
const maxWaiting = 64;

const maxSeconds = 5;
const quality = 80;

/** The part of sharp that is used. */
interface Pipeline {
  rotate(): Pipeline;
  resize(options: { width: number; withoutEnlargement: true }): Pipeline;
  jpeg(options: { quality: number }): Pipeline;
  timeout(options: { seconds: number }): Pipeline;
  toBuffer(): Promise<Buffer>;
}

export type Sharp = (input: Buffer, options: { limitInputPixels: number; sequentialRead: true }) => Pipeline;

/** Resizes pictures if sharp is installed. Gatepost needs sharp for nothing else. */
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
    if (this.#running >= concurrency && this.#waiting.length >= maxWaiting) return "busy";
    // After a time-out, sharp may still read the picture.
    noteShared(picture);
    await this.#turn();
    try {
      return await smaller(sharp, picture, width);
    } finally {
      this.#passTurn();
    }
  }

  /** Resolves once another picture may be resized. */
  async #turn(): Promise<void> {
    if (this.#running >= concurrency) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  /** The first waiting caller takes over the place, so that no other caller finds it free meanwhile. */
  #passTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

/** Any bytes may come from a box: a picture that cannot be read, or takes too long, stays as it is. */
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

/** In a variable, so that no bundler or compiler looks for the module: it need not be installed. */
const moduleName: string = "sharp";

async function installedSharp(): Promise<Sharp | null> {
  try {
    const { default: found }: { default: unknown } = await import(moduleName);
    return typeof found === "function" ? (found as Sharp) : null;
  } catch {
    return null;
  }
}
