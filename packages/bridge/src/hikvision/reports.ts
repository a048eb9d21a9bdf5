import { randomBytes } from "node:crypto";
import { isObject, type Json, type JsonObject, omitAbsent } from "@gatepost/protocol";
import { readXml } from "@gatepost/receive/terminals";
import { limitedJsonOrNull } from "../limited-json.ts";
import type { EventKey, SpooledRequest } from "../spool/request.ts";
import type { Hikvision } from "./isapi.ts";

/** The path after the key at which these terminals deliver. Any path would do: a report is recognised by its shape. */
const path = "/HikEvent";
const ofAccess = "AccessControllerEvent";

/** A report of a terminal, ready for the spool. */
export interface TerminalReport {
  report: Omit<SpooledRequest, "box">;
  /** Null if it is no passing, or names no time. */
  key: EventKey | null;
  /** Whether it is about access. Any other is only a sign that the terminal is there. */
  isOfAccess: boolean;
}

/** A text or number as text, without blanks around it; "" for anything else. */
function textOf(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? `${value}`.trim().slice(0, 128) : "";
}

/** An event of the alert stream, whose pictures may follow it. */
export class StreamedEvent {
  readonly #text: Buffer;
  readonly #isXml: boolean;
  readonly #root: JsonObject;
  readonly #terminal: Hikvision;
  readonly #pictures: Buffer[] = [];
  #bytes = 0;

  constructor(text: Buffer, terminal: Hikvision) {
    this.#text = text;
    this.#terminal = terminal;
    this.#isXml = text.toString("latin1", 0, 64).trimStart().startsWith("<");
    this.#root = rootOf(this.#isXml ? readXml(text.toString()) : limitedJsonOrNull(text));
  }

  /** How many pictures follow; null if the terminal does not say. */
  get pictures(): number | null {
    if (!this.isOfAccess) return 0;
    const named = textOf(this.#event["picturesNumber"]);
    return /^\d{1,3}$/.test(named) ? Number(named) : null;
  }

  /** An event that cannot be read may be: quarantine keeps it. */
  get isOfAccess(): boolean {
    return isObject(this.#root[ofAccess]) || (Object.keys(this.#root).length === 0 && this.#text.includes(ofAccess));
  }

  /** Adds the next picture. Returns whether more are missing. */
  add(picture: Buffer): boolean {
    this.#bytes += picture.length;
    this.#pictures.push(this.#bytes > maxBytes ? Buffer.alloc(0) : picture);
    return this.#pictures.length < Math.min(this.pictures ?? maxPictures, maxPictures);
  }

  finished(): TerminalReport {
    const { isOfAccess } = this;
    const at = this.#terminal.clock.read(textOf(this.#root["dateTime"]));
    const key = isOfAccess && at !== null ? { at, device: "", person: personOf(this.#event) } : null;
    const type = this.#isXml ? "application/xml" : "application/json";
    const pictures = this.#pictures.filter(({ length }) => length > 0);
    return { report: reportOf(type, this.#text, pictures), key, isOfAccess };
  }

  get #event(): JsonObject {
    const event = this.#root[ofAccess];
    return isObject(event) ? event : {};
  }
}

/** Most pictures of one event, and most bytes of them together: a terminal has up to four. Others are left out. */
const maxPictures = 8;
const maxBytes = 16 * 1024 * 1024;

/** The members of an event: XML has them within an element. */
function rootOf(value: Json | undefined): JsonObject {
  if (!isObject(value)) return {};
  const { EventNotificationAlert: within } = value;
  return isObject(within) ? within : value;
}

/** The terminal's own number of an event. Without one, the person or the card that it is about. */
function personOf(event: JsonObject): string {
  const [number, person, card] = ["serialNo", "employeeNoString", "cardNo"].map((name) => textOf(event[name]));
  return number === "" ? `${person} ${card}` : `#${number}`;
}

/** The key of a kept record. It equals the key of the streamed event about the same passing. */
export function recordKey(record: JsonObject, { clock }: Hikvision): EventKey | null {
  const at = clock.read(textOf(record["time"]));
  return at === null ? null : { at, device: "", person: personOf(record) };
}

/** A kept record as the terminal would have delivered it, with its picture if there is one. */
export function recordReport(
  record: JsonObject,
  terminal: Hikvision,
  picture: Buffer | null,
): TerminalReport["report"] {
  const { major = null, minor = null, time = null, pictureURL: _, ...event } = record;
  const body = {
    ...omitAbsent({ macAddress: terminal.mac }),
    dateTime: time,
    activePostCount: 1,
    eventType: ofAccess,
    eventState: "active",
    [ofAccess]: {
      ...omitAbsent({ deviceName: terminal.name }),
      majorEventType: major,
      subEventType: minor,
      ...event,
      currentEvent: false,
    },
  };
  return reportOf("application/json", Buffer.from(JSON.stringify(body)), picture === null ? [] : [picture]);
}

/** The body that a terminal posts: the event alone, or a form with its pictures. */
function reportOf(type: string, text: Buffer, pictures: readonly Buffer[]): TerminalReport["report"] {
  if (pictures.length === 0) return { path, contentType: type, contentEncoding: null, body: text };
  const boundary = randomBytes(16).toString("hex");
  const part = (name: string, contentType: string, content: Buffer) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${name}\r\nContent-Type: ${contentType}\r\n\r\n`),
    ...[content, Buffer.from("\r\n")],
  ];
  const body = Buffer.concat([
    ...part('name="event_log"', type, text),
    ...pictures.flatMap((picture) => part('name="Picture"; filename="Picture.jpg"', "image/jpeg", picture)),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { path, contentType: `multipart/form-data; boundary=${boundary}`, contentEncoding: null, body };
}
