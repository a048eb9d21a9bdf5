import { portrait, scene } from "./drawing.ts";
import { withFaces } from "./faces.ts";
import { seeded } from "./random.ts";

export type PictureName = "scene" | "face" | "registered";

interface Size {
  width: number;
  height: number;
  /** How strong the grain of the sensor is: what makes a photo's file large. 0 to 1. */
  grain: number;
}

/** Sizes as boxes send them: a scene 200 to 400 KB, a face 20 to 40 KB, a registered picture about 40 KB. */
const real: Record<PictureName, Size> = {
  scene: { width: 1920, height: 1080, grain: 0.1 },
  face: { width: 320, height: 416, grain: 0.16 },
  registered: { width: 400, height: 520, grain: 0.1 },
};

const quality = 80;

/**
 * Drawn pictures, encoded once. Every one that is handed out has bytes of its own by a comment in the JPEG, which costs
 * nothing, so that hundreds a second are possible.
 */
export class Album {
  readonly #pictures: Record<PictureName, Buffer[]>;

  private constructor(pictures: Record<PictureName, Buffer[]>) {
    this.#pictures = pictures;
  }

  /** @param scale of the edges; tests that only count take small ones */
  static async draw(seed: number, { looks = 6, scale = 1 } = {}): Promise<Album> {
    const pictures: Record<PictureName, Buffer[]> = { scene: [], face: [], registered: [] };
    for (let look = 0; look < looks; look++) {
      for (const name of ["scene", "face", "registered"] as const) {
        pictures[name].push(await encode(name, seed + look, scale));
      }
    }
    return new Album(pictures);
  }

  /** One picture of a look, which says whose face it shows; equal comments give equal bytes. */
  picture(name: PictureName, look: number, comment: string): Buffer {
    const pictures = this.#pictures[name];
    const picture = pictures[look % pictures.length];
    if (picture === undefined) throw new Error("an album needs one look at least");
    return withFaces(picture, [look], comment);
  }
}

async function encode(name: PictureName, look: number, scale: number): Promise<Buffer> {
  // Loaded when pictures are drawn: everything else of this package does without it.
  const { default: sharp } = await import("sharp");
  const width = Math.round(real[name].width * scale);
  const height = Math.round(real[name].height * scale);
  const drawn = name === "scene" ? scene(look, width, height) : portrait(look, width, height);
  const grain = await sharp(noise(look, width * height), { raw: { width, height, channels: 1 } })
    .toColourspace("srgb")
    .ensureAlpha(real[name].grain)
    .raw()
    .toBuffer();
  return sharp(Buffer.from(drawn))
    .composite([{ input: grain, raw: { width, height, channels: 4 } }])
    .jpeg({ quality })
    .toBuffer();
}

function noise(seed: number, bytes: number): Buffer {
  const random = seeded(seed);
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) buffer[at] = random() * 256;
  return buffer;
}
