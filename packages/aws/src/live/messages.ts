import { type FaceEvent, locatePicture, type StoredEvent } from "@gatepost/protocol";
import { type LiveForm, type LivePictures, type PictureReader, picturesIn, render } from "@gatepost/query";

/** What API Gateway takes as one message. */
const maxBytes = 128 * 1024;

/** What a picture takes in a message besides its base64. */
const around = 64;

/** The messages that tell of one event: each form of it is made once, for however many readers. */
export class LiveMessages {
  readonly #stored: StoredEvent;
  readonly #event: FaceEvent;
  readonly #pictures: PictureReader;
  readonly #made = new Map<string, Promise<string | null>>();

  constructor(stored: StoredEvent, event: FaceEvent, pictures: PictureReader) {
    this.#stored = stored;
    this.#event = event;
    this.#pictures = pictures;
  }

  /** Null where even without pictures it is more than a message may have. */
  as(form: LiveForm, isUpdate: boolean): Promise<string | null> {
    const name = JSON.stringify([form, form.updates && isUpdate]);
    const made = this.#made.get(name) ?? this.#make(form, isUpdate);
    this.#made.set(name, made);
    return made;
  }

  /** A picture that does not fit is left out, as one that was not asked for; `picture_urls` say where it is. */
  async #make(form: LiveForm, isUpdate: boolean): Promise<string | null> {
    const textWith = (pictures: LivePictures) => JSON.stringify(render(this.#event, form, pictures, isUpdate));
    const pictures: LivePictures = {};
    let room = maxBytes - Buffer.byteLength(textWith(pictures));
    if (room < 0) return null;
    for (const kind of picturesIn(form)) {
      const location = locatePicture(this.#stored.reports, kind);
      const size = around + Math.ceil((location?.bytes ?? 0) / 3) * 4;
      const bytes =
        location === null || size > room ? null : await this.#pictures.get(location.month, kind, location.sha256);
      if (bytes === null) continue;
      pictures[kind] = bytes.toString("base64");
      room -= size;
    }
    return textWith(pictures);
  }
}
