import type { JsonObject } from "@gatepost/protocol";
import { Fog } from "./fog.ts";
import { fogAnswers } from "./fog-answers.ts";
import { isMissing, Refused, tooPoor } from "./refused.ts";

/** What SYS5.4/3 calls the same person at its highest threshold. */
const sameScore = 0.275;
const same = "1";

/** Generations B and B7, V2R6 and V5R3 to V5R7, which also look at photos. SYS5.3, SYS5.4; docs/acting.md. */
export class FogWithFaces extends Fog {
  override async probe(signal: AbortSignal): Promise<void> {
    await super.probe(signal);
    if (this.generation === "B7") {
      await this.api.ask({ path: "/SophonConfig/api/Configs", answer: fogAnswers.configs }, signal);
    } else if (!(await this.#hasFaces(signal))) {
      throw new Refused("the box does not check or compare photos: it is of generation A");
    }
  }

  /** Asks without a photo: the box has this address unless it answers that it does not. */
  async #hasFaces(signal: AbortSignal): Promise<boolean> {
    const path = "/SophonFace/api/FIQA";
    try {
      await this.api.ask({ method: "POST", path, body: {}, answer: fogAnswers.quality }, signal);
    } catch (error) {
      if (isMissing(error)) return false;
    }
    return true;
  }

  protected override async pictureOf(imageId: string | null, signal: AbortSignal): Promise<Buffer | null> {
    if (imageId === null) return null;
    return this.api.pictureOrError(`/SophonFace/api/images/${encodeURIComponent(imageId)}`, signal);
  }

  /** The largest of several faces counts, as in V6. The documents of these generations do not say. */
  override async checkQuality(photo: Buffer, signal: AbortSignal): Promise<void> {
    const { quality } = this.settings;
    if (quality === "no") return;
    const body = { image_base64_str: photo.toString("base64"), fiqa_level: quality };
    const question = { method: "POST", path: "/SophonFace/api/FIQA", body, answer: fogAnswers.quality } as const;
    const faces = await this.api.ask(question, signal).catch(notAsked);
    if (faces === null) return;
    const [largest] = faces.data.toSorted((a, b) => areaOf(b.bbox) - areaOf(a.bbox));
    if (largest === undefined) throw new Refused("the box finds no face in the photo");
    if (!largest.fiqa_result) throw new Refused(tooPoor(largest.fails));
  }

  protected override creation(): JsonObject {
    return { support_single_face: true, fiqa_level: this.settings.quality };
  }

  /** `need_save` false: a comparison that is saved makes an event, which may ask for the same again. */
  override async isSame(held: Buffer, photo: Buffer, signal: AbortSignal): Promise<boolean | null> {
    const body = {
      card_image_base64: held.toString("base64"),
      face_image_base64: photo.toString("base64"),
      threshold: "high",
      need_save: false,
    };
    const question = { method: "POST", path: "/SophonMatch/api/compare", body, answer: fogAnswers.comparison } as const;
    const compared = await this.api.ask(question, signal).catch(notAsked);
    // In an example, a score above every threshold is combined with the code for another person, so both must agree.
    return compared === null ? null : compared.retcode === same && compared.score >= sameScore;
  }
}

/** Null if the firmware has no such address. */
function notAsked(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}

/** Of [xmin, ymin, xmax, ymax]. */
function areaOf([left = 0, top = 0, right = 0, bottom = 0]: readonly number[]): number {
  return (right - left) * (bottom - top);
}
