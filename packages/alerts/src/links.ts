import { muteLink } from "@gatepost/core/alerts";
import { alertLinkMs, pictureLink } from "@gatepost/core/pictures";
import { announcedPhoto } from "@gatepost/protocol";
import type { Links } from "./message/message.ts";
import type { Subject } from "./message/subject.ts";

interface Deps {
  secret: Buffer;
  publicUrl(): string | null;
  clock(): number;
}

/** Makes the links of alerts. Each that needs no key is signed, for a day, and ends with its event. */
export class AlertLinks {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** None if Gatepost's own address is unknown. */
  of({ event, stored, person, personType, roll }: Subject, rule: string): Links {
    const { secret: cursorSecret, clock } = this.#deps;
    const base = this.#deps.publicUrl()?.replace(/\/+$/, "") ?? null;
    if (base !== null && roll !== undefined)
      return { event: `${base}/#/inside/roll/${roll}`, picture: null, mute: null };
    if (base === null || event === null || stored === null) return { event: null, picture: null, mute: null };
    const photo = announcedPhoto(stored);
    const signing = { cursorSecret, clock, validMs: alertLinkMs };
    const linked = photo && { id: event.id, kind: photo.kind, sha256: photo.sha256 };
    // A blacklisted person is never muted, and a stranger has no id by which to mute.
    const isMutable = person !== null && personType !== "blacklist";
    return {
      event: `${base}/#/events/${event.id}`,
      picture: linked && `${base}${pictureLink(linked, signing).url}`,
      mute: isMutable ? `${base}${muteLink({ rule, event: event.id }, signing)}` : null,
    };
  }
}
