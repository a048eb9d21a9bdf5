import type { Clock } from "../clock.ts";
import { pathOfStored, type SpooledRequest } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import { attachPictures } from "./attach-pictures.ts";
import type { BoxApi } from "./box-api.ts";
import type { Family } from "./family.ts";
import { around, findMissing } from "./find-missing.ts";
import { fetchHistory, isWithin, type Span } from "./history.ts";

/** ms of a box's memory that are read at once. */
const step = 600_000;
/** ms before the resume mark from which on a gap is fetched: pushes may overtake each other. */
const overlap = 60_000;

export interface GapOptions {
  box: string;
  api: BoxApi;
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
 * Fetches from the memory of a box what it saw since `resumeMark` and nobody took. Returns how many events that were,
 * and the latest time in the memory (null: it is empty).
 */
export async function fillGap(
  resumeMark: number,
  options: GapOptions,
  signal: AbortSignal,
): Promise<{ taken: number; latest: number | null }> {
  let taken = 0;
  let latest: number | null = null;
  for (const span of spans(resumeMark - overlap, options.clock.now())) {
    const filled = await fillSpan(span, options, signal);
    taken += filled.taken;
    latest = filled.latest ?? latest;
  }
  return { taken, latest };
}

/** The last span has no end: the clock of the box may be ahead. */
function spans(from: number, now: number): Span[] {
  const all: Span[] = [];
  for (let at = from; ; at += step) {
    if (at + step > now) return [...all, { from: at, to: 8_640_000_000_000 }];
    all.push({ from: at, to: at + step - 1 });
  }
}

async function fillSpan(span: Span, options: GapOptions, signal: AbortSignal) {
  const { box, api, family, spool, clock, settle, take } = options;
  const stored = await fetchHistory(api, family, span, signal);
  const [first, last] = [stored.at(0), stored.at(-1)];
  if (first === undefined || last === undefined) return { taken: 0, latest: null };
  // An event that is being pushed at this moment must arrive before it counts as missing.
  await clock.sleep(settle, signal);
  const known = spool.seenEvents.between(box, around(first.at).from, around(last.at).to);
  const missing = findMissing(stored, { known, within: isWithin(span) });
  for (const one of missing) {
    signal.throwIfAborted();
    const body = Buffer.from(JSON.stringify(await attachPictures(one, api, signal)));
    const { at, device, person } = one;
    const report = { box, path: pathOfStored, contentType: "application/json", contentEncoding: null, body };
    await take(report, { at, device, person, isResumeMark: false });
  }
  return { taken: missing.length, latest: last.at };
}
