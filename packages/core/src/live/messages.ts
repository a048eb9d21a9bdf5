import type { FaceEvent, PictureKind } from "@gatepost/protocol";
import { isWanted, type LiveConfiguration } from "./configuration.ts";
import { type LivePictures, picturesIn, render } from "./rendering.ts";

/** An event that is new or has changed. */
export interface LiveChange {
  event: FaceEvent;
  /** The event before the change; null if there was none. */
  before: FaceEvent | null;
  /** The bytes of a picture of the event; null if it has none. */
  picture(kind: PictureKind): Promise<Buffer | null>;
}

/** The messages for one change. Each form is made once for all clients. */
export class LiveMessages {
  readonly #change: LiveChange;
  readonly #made = new Map<string, Promise<Buffer>>();

  constructor(change: LiveChange) {
    this.#change = change;
  }

  /**
   * Null if the client does not want the event, or wanted it before the change and has it. It may want an event only
   * after a later report names the device.
   */
  async for(configuration: LiveConfiguration): Promise<Buffer | null> {
    const { event, before } = this.#change;
    if (!isWanted(event, configuration) || (before !== null && isWanted(before, configuration))) return null;
    const { version, face, registered } = configuration;
    const form = `${version} ${face} ${registered}`;
    const made = this.#made.get(form) ?? this.#make(configuration);
    this.#made.set(form, made);
    return made;
  }

  async #make(configuration: LiveConfiguration): Promise<Buffer> {
    const { event, picture } = this.#change;
    const pictures: LivePictures = {};
    for (const kind of picturesIn(configuration)) {
      const bytes = await picture(kind);
      if (bytes !== null) pictures[kind] = bytes.toString("base64");
    }
    return Buffer.from(JSON.stringify(render(event, configuration, pictures)));
  }
}
