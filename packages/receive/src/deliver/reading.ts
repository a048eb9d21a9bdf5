import { setImmediate as nextTurn } from "node:timers/promises";
import type { Reservation } from "@gatepost/core/room";
import { once } from "@gatepost/protocol";
import type { Body, Unpacking } from "../decode/body.ts";
import { openBody, plainOf, type Unopened, utf8Of } from "../decode/body.ts";
import { type Decoded, decode, type Part, type Parts, partsOfTerminal } from "../decode/decode.ts";
import { maxLaterReports, TooTolerant } from "../decode/limits.ts";
import type { ReceiverPorts } from "../ports.ts";
import { type Kept, keptOfBody, listOf, type MaskedPart, type Origin, withoutKeys } from "./kept.ts";
import type { ReadAs, Reading } from "./large-bodies.ts";
import { type Understanding, type Understood, understand } from "./understand.ts";

/** How many reports of one body are handled at the same time. */
const batchSize = 100;

/** Characters that are nearly JSON, and are read beside other requests. That takes some 40 ms. */
const maxTolerant = 192 * 1024;

/** How a body is read, and its reports are understood. */
export interface ReadingOptions extends Understanding {
  held: Unpacking["held"];
  as?: ReadAs;
  /** Most characters of it that may be only nearly JSON. */
  maxTolerant?: number;
}

/** Bytes of a long batch that this thread reads in a few ms. */
const fewBytes = 256 * 1024;

/** Opens a body for reading: a large one in a separate thread, if there is one. Throws as `LargeBodies.open`. */
export async function openReading(
  body: Body,
  origin: Origin,
  { held, isReplay = false, as = "reports" }: { held: Reservation; isReplay?: boolean; as?: ReadAs },
  {
    largeBodies,
    settings,
    terminals,
    zones,
    knownMappings,
  }: Pick<ReceiverPorts, "largeBodies" | "settings" | "terminals" | "zones" | "knownMappings">,
): Promise<Reading> {
  const { box } = origin;
  const options = {
    held,
    as,
    settings,
    forms: terminals?.forms,
    zone: once(() => zones.of(box, { isReplay })),
    mappings: () => knownMappings.of(box, { isReplay }),
  };
  if (largeBodies === undefined) return readHere(body, origin, options);
  if (as === "bytes" && body.bytes.length <= fewBytes) return unread(body, origin, options);
  const isLong = as !== "reports" && body.bytes.length > fewBytes;
  const opened = isLong ? "large" : await openBody(body, origin.headers["content-encoding"], held, "small");
  if (opened !== "large") {
    try {
      return await readingOf(body, opened, origin, { ...options, maxTolerant });
    } catch (error) {
      if (!(error instanceof TooTolerant)) throw error;
    }
  }
  // The thread cannot read the zone and the mappings itself.
  const [zone, readers] = await Promise.all([options.zone(), options.mappings()]);
  const known = { zone, mappings: readers.map(({ mapping }) => mapping) };
  return largeBodies.open(body, { ...origin, ...known }, { held, isReplay, as });
}

/** Reads a body of any size in this thread. Throws 503 if memory has no room for it unpacked. */
export async function readHere(body: Body, origin: Origin, options: ReadingOptions): Promise<ReadingHere> {
  if (options.as === "bytes") return unread(body, origin, options);
  const opened = await openBody(body, origin.headers["content-encoding"], options.held);
  return readingOf(body, opened, origin, options);
}

function unread(body: Body, origin: Origin, options: ReadingOptions): ReadingHere {
  return new ReadingHere(body, { unreadable: "not-read" }, { bytes: body.bytes.length, origin, ...options });
}

async function readingOf(
  sent: Body,
  opened: Body | Unopened,
  origin: Origin,
  options: ReadingOptions,
): Promise<ReadingHere> {
  if ("unreadable" in opened) return new ReadingHere(sent, opened, { bytes: opened.unpackedBytes, origin, ...options });
  const bytes = opened.text?.length ?? opened.unpacked.length;
  return new ReadingHere(sent, decoded(opened, origin, options), { bytes, origin, ...options });
}

/** Reads the values of a body. */
function decoded(body: Body, { path, headers }: Origin, { as, forms, maxTolerant }: ReadingOptions): Decoded {
  const table = forms?.tableAt(path, body.unpacked) ?? null;
  if (table === null) {
    const limits = { maxTolerant, ...(as === "many" && { maxReports: maxLaterReports }) };
    return decode(body, headers, { ...limits, terminals: forms });
  }
  const values = table.values();
  return "unreadable" in values ? values : { parts: partsOfTerminal({ make: table.make, values }) };
}

/** Reads a body in this thread. */
export class ReadingHere implements Reading {
  readonly unreadable: string | null;
  readonly keep: Parts["keep"];
  readonly bytes: number;
  readonly #body: Body;
  readonly #origin: Origin;
  readonly #options: ReadingOptions;
  readonly #parts: readonly Part[];
  readonly #left: Iterator<Part>;
  /** The parts that stand in the place of the one before, by a mapping. */
  #mapped: Iterator<MaskedPart> = [].values();
  /** Whether the last answer of `next` was as long as one may be. */
  #isFull = false;

  constructor(
    body: Body,
    decoded: Decoded,
    { bytes, origin, ...options }: ReadingOptions & { bytes: number; origin: Origin },
  ) {
    this.unreadable = "unreadable" in decoded ? decoded.unreadable : null;
    this.#parts = "unreadable" in decoded ? [] : decoded.parts;
    this.#left = this.#parts.values();
    this.keep = "unreadable" in decoded ? undefined : decoded.keep;
    this.bytes = bytes;
    this.#body = body;
    this.#origin = origin;
    this.#options = options;
  }

  /** The next report; null after the last one. */
  async one(): Promise<Understood | null> {
    let masked: MaskedPart | undefined = this.#mapped.next().value;
    if (masked === undefined) {
      const { value: part } = this.#left.next();
      if (part === undefined) return null;
      masked = await withoutKeys(part);
    }
    const means = await understand(masked, this.#origin, this.#options);
    if (!("mapped" in means)) return means;
    this.#mapped = means.mapped.values();
    return this.one();
  }

  async next(): Promise<Understood[]> {
    // If none of the reports before had to be stored, nothing was awaited, and other requests have had no turn.
    if (this.#isFull) await nextTurn();
    const some: Understood[] = [];
    while (some.length < batchSize) {
      const report = await this.one();
      if (report === null) break;
      some.push(report);
    }
    this.#isFull = some.length === batchSize;
    return some;
  }

  whole(reason: string): Promise<Kept> {
    return keptOfBody(this.#body, reason, this.#origin.headers, this.#options);
  }

  get reports(): number {
    return this.#parts.length;
  }

  async utf8(): Promise<Buffer> {
    const { headers, path } = this.#origin;
    const bytes = await plainOf(this.#body, headers, this.#options.held);
    return this.#options.forms?.tableAt(path, bytes) == null ? utf8Of(bytes, headers) : bytes;
  }

  async list(from: number, to: number): Promise<Buffer> {
    return listOf(this.#parts.slice(from, to).map((part) => part.source()));
  }

  [Symbol.dispose](): void {}
}
