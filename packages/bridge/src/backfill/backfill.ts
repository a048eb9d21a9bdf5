import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Cloud } from "../cloud/cloud.ts";
import { attachPictures, type PictureSource } from "../se5/attach-pictures.ts";
import type { BoxApi } from "../se5/box-api.ts";
import { familyOf } from "../se5/family.ts";
import { around, findMissing } from "../se5/find-missing.ts";
import { fetchHistory, isWithin, type Span, type Stored } from "../se5/history.ts";
import { RegisteredPictures } from "../se5/registered-pictures.ts";
import { type EventKey, pathOfStored } from "../spool/request.ts";
import type { Progress } from "./progress.ts";

/** The cloud did not accept an event of the box. The message says why. Run the backfill again to continue. */
export class NotDelivered extends Error {}

export interface BackfillOptions {
  box: string;
  token: string;
  api: BoxApi;
  cloud: Cloud;
  /** The events of the box that the cloud has in a span. */
  known(span: Span, signal: AbortSignal): Promise<EventKey[]>;
  progress: Progress;
  clock: Clock;
  random: () => number;
  /** Called with the progress so far. */
  tell(account: BackfillAccount): void;
  /** Called once with the reason why registered pictures are left out. */
  warn(why: string): void;
}

export interface BackfillAccount {
  /** ms of the span that are done. */
  done: number;
  delivered: number;
  /** Events that the cloud already had. */
  known: number;
  /** Events that the cloud will never accept. */
  refused: number;
}

/** ms of the box's memory that are read at once. */
const step = 600_000;
const maxTries = 6;

/**
 * Delivers the events of a span that a box remembers and the cloud lacks. It may be repeated, and continues from its
 * last progress.
 */
export async function backfill(
  { from, to }: Span,
  options: BackfillOptions,
  signal: AbortSignal,
): Promise<BackfillAccount> {
  const { api, progress, tell, warn } = options;
  const source = { api, registered: new RegisteredPictures(api, warn) };
  const family = await familyOf(api, signal);
  const start = Math.max(from, progress.read() ?? from);
  const account = { done: start - from, delivered: 0, known: 0, refused: 0 };
  for (let at = start; at <= to; at += step) {
    const span = { from: at, to: Math.min(at + step - 1, to) };
    const stored = await fetchHistory(api, family, span, signal);
    const missing = await notKnown(stored, span, options, signal);
    account.known += stored.filter(isWithin(span)).length - missing.length;
    for (const missingEvent of missing) {
      account[await deliver(missingEvent, source, options, signal)] += 1;
      tell(account);
    }
    progress.write(span.to + 1);
    account.done = span.to + 1 - from;
    tell(account);
  }
  progress.done();
  return account;
}

async function notKnown(
  stored: readonly Stored[],
  span: Span,
  options: BackfillOptions,
  signal: AbortSignal,
): Promise<Stored[]> {
  const [first, last] = [stored.at(0), stored.at(-1)];
  if (first === undefined || last === undefined) return [];
  const known = await options.known({ from: around(first.at).from, to: around(last.at).to }, signal);
  return findMissing(stored, { known, within: isWithin(span) });
}

async function deliver(
  stored: Stored,
  source: PictureSource,
  { box, token, cloud, clock, random }: BackfillOptions,
  signal: AbortSignal,
): Promise<"delivered" | "refused"> {
  const body = Buffer.from(JSON.stringify(await attachPictures(stored, source, signal)));
  const report = { box, path: pathOfStored, contentType: "application/json", contentEncoding: null, body };
  const backoff = new Backoff(random);
  for (let tries = 1; ; tries++) {
    const verdict = await cloud.deliver(report, { token, signal });
    if (verdict.kind === "accepted") return "delivered";
    if (verdict.kind !== "later") return "refused";
    if (tries === maxTries)
      throw new NotDelivered(`the cloud does not take it now (${verdict.why}); run it again to continue`);
    await clock.sleep(backoff.failed(verdict.wait), signal);
    signal.throwIfAborted();
  }
}
