import type { Clock } from "../clock.ts";
import { pathOfStored, type SpooledRequest } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import { attachPictures, type PictureSource } from "./attach-pictures.ts";
import type { Family } from "./family.ts";
import { around, findMissing } from "./find-missing.ts";
import { fetchFew, fetchHistory, fetchIfFits, isWithin, type Span } from "./history.ts";
import { latestPlausible } from "./plausible.ts";

/** ms of a box's memory that are read at once if it has many events. */
const step = 600_000;
/** With fewer events in a span, the next one is twice as long; a span with too many is made shorter by this factor. */
const few = 50;
const narrower = 16;
/** ms before the resume mark from which a gap is fetched: pushes may overtake each other. */
const overlap = 60_000;

export interface GapOptions extends PictureSource {
  box: string;
  family: Family;
  spool: Spool;
  /** Writes a report into the spool and wakes the sender. */
  take(
    report: SpooledRequest,
    passing: { at: number; device: string; person: string; isResumeMark: boolean } | null,
  ): Promise<void>;
  clock: Clock;
  /** ms after which everything has arrived that was pushed when the connection began. */
  settle: number;
}

/**
 * Fetches from the memory of a box the events since `resumeMark` that were not taken. Returns how many there were, and
 * the latest time in the memory (null if it is empty). Spans grow while they have few events: a mark that is wrong by
 * years costs only some requests. The mark moves as events are read, so that an interrupted fetch does not start again.
 */
export async function fillGap(
  resumeMark: number,
  options: GapOptions,
  signal: AbortSignal,
): Promise<{ taken: number; latest: number | null }> {
  const { box, spool, clock } = options;
  let taken = 0;
  let latest: number | null = null;
  let length = step;
  // Whether more is after the present than fits into memory: then that is read span by span, too.
  let isFarAhead = false;
  for (let from = resumeMark - overlap; ; ) {
    const span = spanFrom(from, length, isFarAhead ? forEver : clock.now());
    const isEndless = span.to === forEver && !isFarAhead;
    const filled = await fillSpan(span, { fetch: fetchOf(length, isEndless), ...options }, signal);
    if (filled === "too many") {
      isFarAhead ||= length === step;
      length = Math.max(step, Math.floor(length / narrower));
      continue;
    }
    taken += filled.taken;
    latest = filled.latest ?? latest;
    if (span.to === forEver) return { taken, latest };
    if (latest !== null && latest > resumeMark) await spool.setResumeMark(box, latest);
    from = span.to + 1;
    if (filled.stored < few) length *= 2;
  }
}

const forEver = 8_640_000_000_000;

/** The last span has no end: the clock of the box may be ahead. */
function spanFrom(from: number, length: number, end: number): Span {
  return { from, to: from + length > end ? forEver : from + length - 1 };
}

function fetchOf(length: number, isEndless: boolean): typeof fetchIfFits {
  if (length > step) return fetchFew;
  return isEndless ? fetchIfFits : fetchHistory;
}

async function fillSpan(span: Span, options: GapOptions & { fetch: typeof fetchIfFits }, signal: AbortSignal) {
  const { box, api, registered, family, spool, clock, settle, take, fetch } = options;
  const stored = await fetch(api, family, span, signal);
  if (stored === null) return "too many";
  const [first, last] = [stored.at(0), stored.at(-1)];
  if (first === undefined || last === undefined) return { stored: 0, taken: 0, latest: null };
  // An event that is just being pushed must have time to arrive before it counts as missing.
  await clock.sleep(settle, signal);
  const known = spool.seenEvents.between(box, around(first.at).from, around(last.at).to);
  const missing = findMissing(stored, { known, within: isWithin(span) });
  for (const missingEvent of missing) {
    signal.throwIfAborted();
    const body = Buffer.from(JSON.stringify(await attachPictures(missingEvent, { api, registered }, signal)));
    const { at, device, person } = missingEvent;
    const report = { box, path: pathOfStored, contentType: "application/json", contentEncoding: null, body };
    await take(report, { at, device, person, isResumeMark: false });
  }
  const latest = latestPlausible(
    stored.filter(isWithin(span)).map(({ at }) => at),
    clock.now(),
  );
  return { stored: stored.length, taken: missing.length, latest };
}
