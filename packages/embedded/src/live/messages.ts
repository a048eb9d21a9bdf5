import { type FaceEvent, locatePicture, type StoredEvent } from "@gatepost/protocol";
import { type LiveForm, type LivePictures, type PictureReader, picturesIn, render } from "@gatepost/query";

/** The messages that tell of one event: each form of it is made once, for however many readers. */
export class Messages {
  readonly #stored: StoredEvent;
  readonly #event: FaceEvent;
  readonly #pictures: PictureReader;
  readonly #made = new Map<string, Promise<Buffer>>();

  constructor(stored: StoredEvent, event: FaceEvent, pictures: PictureReader) {
    this.#stored = stored;
    this.#event = event;
    this.#pictures = pictures;
  }

  as(form: LiveForm, isUpdate: boolean): Promise<Buffer> {
    const name = JSON.stringify([form, form.updates && isUpdate]);
    const made = this.#made.get(name) ?? this.#make(form, isUpdate);
    this.#made.set(name, made);
    return made;
  }

  async #make(form: LiveForm, isUpdate: boolean): Promise<Buffer> {
    const pictures: LivePictures = {};
    for (const kind of picturesIn(form)) {
      const location = locatePicture(this.#stored.reports, kind);
      const bytes = location === null ? null : await this.#pictures.get(location.month, kind, location.sha256);
      if (bytes !== null) pictures[kind] = bytes.toString("base64");
    }
    return Buffer.from(JSON.stringify(render(this.#event, form, pictures, isUpdate)));
  }
}
