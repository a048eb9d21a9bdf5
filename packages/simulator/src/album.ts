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
 * Drawn pictures, encoded once. Each handed-out picture gets its own bytes from a comment in the JPEG, which costs
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
    for (const name of ["scene", "face", "registered"] as const) {
      const size = scaled(real[name], scale);
      // The same for all looks: to make it takes longer than to draw what it lies over.
      const grain = await grainOf(seed, size);
      for (let look = 0; look < looks; look++) pictures[name].push(await encode(name, seed + look, { ...size, grain }));
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

function scaled({ width, height, grain }: Size, scale: number): Size {
  return { width: Math.round(width * scale), height: Math.round(height * scale), grain };
}

/** The grain of a sensor, four bytes a pixel. */
async function grainOf(seed: number, { width, height, grain }: Size): Promise<Buffer> {
  const { default: sharp } = await loadSharp();
  return sharp(noise(seed, width * height), { raw: { width, height, channels: 1 } })
    .toColourspace("srgb")
    .ensureAlpha(grain)
    .raw()
    .toBuffer();
}

async function encode(
  name: PictureName,
  look: number,
  { width, height, grain }: Pick<Size, "width" | "height"> & { grain: Buffer },
): Promise<Buffer> {
  const { default: sharp } = await loadSharp();
  const drawn = name === "scene" ? scene(look, width, height) : portrait(look, width, height);
  return sharp(Buffer.from(drawn))
    .composite([{ input: grain, raw: { width, height, channels: 4 } }])
    .jpeg({ quality })
    .toBuffer();
}

/** Loaded when pictures are drawn: everything else of this package does without it. */
const loadSharp = () => import("sharp");

function noise(seed: number, bytes: number): Buffer {
  const random = seeded(seed);
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at++) buffer[at] = random() * 256;
  return buffer;
}
