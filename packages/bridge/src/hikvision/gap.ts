import { dayMs, type JsonObject } from "@gatepost/protocol";
import type { Clock } from "../clock.ts";
import { around, findMissing } from "../se5/find-missing.ts";
import type { Span } from "../se5/history.ts";
import type { EventKey, SpooledRequest } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import type { TerminalHttp } from "../terminals/terminal-http.ts";
import { type Hikvision, readPages, readPicture, unlessRefused } from "./isapi.ts";
import { recordKey, recordReport } from "./reports.ts";

/** ms before the resume mark from which records are read: two events may overtake each other. */
const overlapMs = 60_000;
const forEver = 8_640_000_000_000;
/** A terminal whose clock was reset by a power cut records times from before this: no passing has them. */
const ofResetClock: Span = { from: 0, to: Date.UTC(2015, 0, 1) - 1 };

interface TerminalGapOptions {
  box: string;
  http: TerminalHttp;
  terminal: Hikvision;
  spool: Spool;
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null): Promise<void>;
  clock: Clock;
  random: () => number;
  /** ms after which everything has arrived that was streamed when the connection began. */
  settle: number;
}

/**
 * Fetches the records since `resumeMark` that were not taken, and those with the times of a clock that was reset. Returns
 * how many there were, and the latest time that may become the mark (null if there is no record). The mark moves as
 * records are read, so that an interrupted fetch does not start again. It is never ahead of the bridge's clock. Throws
 * BoxError.
 */
export async function fillTerminalGap(
  resumeMark: number,
  options: TerminalGapOptions,
  signal: AbortSignal,
): Promise<{ taken: number; latest: number | null }> {
  const { box, spool, clock, terminal } = options;
  const reset = await unlessRefused(fillSpan(ofResetClock, options, signal));
  let taken = reset?.taken ?? 0;
  let latest: number | null = null;
  let lengthMs = dayMs;
  for (let from = Math.min(resumeMark, clock.now()) - terminal.clock.behindMs - overlapMs; ; ) {
    const isLast = from + lengthMs > clock.now();
    const span = { from, to: isLast ? forEver : from + lengthMs - 1 };
    const filled = await fillSpan(span, options, signal);
    taken += filled.taken;
    if (filled.latest !== null) latest = Math.min(filled.latest, clock.now());
    if (isLast) return { taken, latest };
    if (latest !== null && latest > resumeMark) await spool.setResumeMark(box, latest);
    from = span.to + 1;
    // A mark that is wrong by years costs only some requests.
    if (filled.latest === null) lengthMs *= 2;
  }
}

interface Stored extends EventKey {
  record: JsonObject;
}

async function fillSpan(span: Span, options: TerminalGapOptions, signal: AbortSignal) {
  const { box, http, terminal, clock, random, settle, take } = options;
  let taken = 0;
  let latest: number | null = null;
  const searchId = Math.floor(random() * 1e9).toString();
  for await (const page of readPages(http, { span, clock: terminal.clock, searchId }, signal)) {
    const stored = page.flatMap((record) => {
      const key = recordKey(record, terminal);
      return key === null ? [] : [{ ...key, record }];
    });
    latest = Math.max(...stored.map(({ at }) => at), latest ?? Number.NEGATIVE_INFINITY);
    if (missingOf(stored, options).length === 0) continue;
    // An event that is just being streamed must have time to arrive before it counts as missing.
    if (span.to === forEver) await clock.sleep(settle, signal);
    for (const { record, at, device, person } of missingOf(stored, options)) {
      signal.throwIfAborted();
      const report = recordReport(record, terminal, await readPicture(http, record["pictureURL"], signal));
      await take({ box, ...report }, { at, device, person, isResumeMark: false });
      taken += 1;
    }
  }
  return { taken, latest: latest === Number.NEGATIVE_INFINITY ? null : latest };
}

function missingOf(stored: readonly Stored[], { box, spool }: TerminalGapOptions): Stored[] {
  if (stored.length === 0) return [];
  const times = stored.map(({ at }) => at);
  const known = spool.seenEvents.between(box, around(Math.min(...times)).from, around(Math.max(...times)).to);
  return findMissing(stored, { known, within: () => true });
}
