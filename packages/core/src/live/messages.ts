import {
  ageOf,
  deviceName,
  type FaceEvent,
  isCheckBox,
  isLate,
  locatePicture,
  merge,
  type Report,
  type StoredEvent,
} from "@gatepost/protocol";
import type { EventLabels } from "../boxes/labels.ts";
import type { PictureReader } from "../pictures/ports.ts";
import type { LiveConfiguration, LiveForm } from "./configuration.ts";
import { type Delivery, type LivePictures, picturesIn, render } from "./rendering.ts";

/** A write that made an event, or added a report to it. */
export interface LiveChange {
  event: FaceEvent;
  /** The event before the change; null if there was none. */
  before: FaceEvent | null;
}

/** Returns the change that the `later` reports of an event made. */
export function changeBy(event: StoredEvent, isLater: (report: Report) => boolean): LiveChange {
  const reports = event.reports.filter((report) => !isLater(report));
  return { event: merge(event), before: reports.length === 0 ? null : merge({ ...event, reports }) };
}

/**
 * What a change means for a client: a new event, an update, or nothing (null). An event may match a configuration only
 * after a later report names the device or the person; it is new to the client then.
 */
export function notificationFor(
  { event, before }: LiveChange,
  configuration: LiveConfiguration,
): { isUpdate: boolean } | null {
  if (!isWanted(event, configuration)) return null;
  const isUpdate = before !== null && isWanted(before, configuration);
  return isUpdate && !configuration.form.updates ? null : { isUpdate };
}

function isWanted(event: FaceEvent, { devices, types, boxes }: LiveConfiguration): boolean {
  const device = deviceName(event.device);
  const isOfAll = devices.has("*") && !isCheckBox(event.box.id);
  const isOfDevice = isOfAll || (device !== null && devices.has(device));
  return isOfDevice && (types?.has(event.person.type) ?? true) && (boxes?.has(event.box.id) ?? true);
}

/** Bytes around the base64 of a picture in a message. */
const bytesAroundPicture = 64;

export interface MessagePorts {
  pictures: PictureReader;
  /** Adds display names, sites and directions; absent if they are unknown. */
  boxes?: { labels: Pick<EventLabels, "add"> };
  clock(): number;
  /** Makes the cursor at which a client continues after this change. It is called only if a message is made. */
  cursor(): string;
  /** Bytes of one message at most; absent if there is no limit. */
  maxMessageBytes?: number | undefined;
  /** Whether the messages go to a client that missed the change. */
  isCatchUp?: boolean;
}

/** The messages for one change. Each form is made once for all subscribers. */
export class LiveMessages {
  readonly #stored: StoredEvent;
  readonly #change: LiveChange;
  readonly #pictures: PictureReader;
  readonly #labels: Pick<EventLabels, "add"> | undefined;
  readonly #maxBytes: number;
  readonly #delivery: Omit<Delivery, "isUpdate" | "cursor">;
  readonly #cursor: () => string;
  readonly #made = new Map<string, Promise<Buffer | null> | Buffer | null>();

  constructor(
    stored: StoredEvent,
    change: LiveChange,
    { pictures, boxes, clock, cursor, maxMessageBytes = Number.POSITIVE_INFINITY, isCatchUp = false }: MessagePorts,
  ) {
    this.#stored = stored;
    this.#change = change;
    this.#pictures = pictures;
    this.#labels = boxes?.labels;
    this.#maxBytes = maxMessageBytes;
    this.#delivery = { isCatchUp, isLate: isLate(ageOf(change.event, clock())) };
    this.#cursor = cursor;
  }

  /**
   * Null if the change does not concern this subscriber, or the message is too large even without pictures. It is a
   * promise only while the message is being made: many subscribers ask for the same one.
   */
  for(configuration: LiveConfiguration): Promise<Buffer | null> | Buffer | null {
    const notification = notificationFor(this.#change, configuration);
    if (notification === null) return null;
    const { form } = configuration;
    const name = `${nameOf(form)} ${form.updates && notification.isUpdate}`;
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#make(form, notification.isUpdate);
    this.#made.set(name, made);
    return made.then((message) => {
      this.#made.set(name, message);
      return message;
    });
  }

  /** A picture that does not fit is left out, as one that was not asked for; `picture_urls` has its link. */
  async #make(form: LiveForm, isUpdate: boolean): Promise<Buffer | null> {
    const [event = this.#change.event] = (await this.#labels?.add([this.#change.event])) ?? [];
    const delivery = { isUpdate, ...this.#delivery, cursor: this.#cursor() };
    const textWith = (pictures: LivePictures) => Buffer.from(JSON.stringify(render(event, form, pictures, delivery)));
    const pictures: LivePictures = {};
    const bare = textWith(pictures);
    let room = this.#maxBytes - bare.length;
    if (room < 0) return null;
    for (const kind of picturesIn(form)) {
      const location = locatePicture(this.#stored, kind);
      const size = bytesAroundPicture + Math.ceil((location?.bytes ?? 0) / 3) * 4;
      const bytes = location === null || size > room ? null : await this.#pictures.get(location);
      if (bytes === null) continue;
      pictures[kind] = bytes.toString("base64");
      room -= size;
    }
    return Object.keys(pictures).length === 0 ? bare : textWith(pictures);
  }
}

const names = new WeakMap<LiveForm, string>();

/** A name that equal forms share. */
function nameOf(form: LiveForm): string {
  const name = names.get(form) ?? JSON.stringify(form);
  names.set(form, name);
  return name;
}
