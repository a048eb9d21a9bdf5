import { hash } from "node:crypto";
import { comparable, comparableAddress } from "./comparable.ts";
import { splitEndpoint } from "./device.ts";
import type { Facts } from "./facts.ts";
import { isClockSet } from "./instant.ts";
import type { Json } from "./json.ts";
import type { Report } from "./report.ts";

/**
 * The parts of an event's identity: two reports with equal parts are about the same passing. It depends on the report
 * and its box, never on the receiver's clock. docs/architecture.md#identity.
 */
export function identityOf(box: string, report: Facts & Pick<Report, "pictures">, digest: () => string): Json[] {
  const { time } = report;
  const when = time !== undefined && isClockSet(time) ? [time] : [time ?? null, digest()];
  return ["passing", box, deviceOf(report), ...when, whoPassed(report, digest)];
}

/**
 * Two reports of one kind and one identity are about the same passing only if this is equal: the hash of the face. If no
 * face was sent, it is made of the facts of the passing, so counters and other members do not matter; of the whole
 * report if box, device, time and person are not all known, or if the face cannot be read.
 *
 * @param sent the facts before unusable times are dropped: which ones are depends on the clock of the receiver
 */
export function reportFingerprint(
  report: Parameters<typeof identityOf>[1] & Pick<Report, "kind">,
  sent: { facts: Facts; isFaceLost: boolean },
  digest: () => string,
): string {
  const face = report.pictures?.face?.sha256;
  if (face !== undefined) return face;
  const { time, person } = report;
  const isKnown = time !== undefined && isClockSet(time) && isNamed(person) && deviceOf(report) !== "";
  if (!isKnown || sent.isFaceLost) return digest();
  const { device, result, method, card, score, enteredAt, leftAt } = sent.facts;
  const facts = [device?.direction, result, method, card && comparable(card), score, enteredAt, leftAt];
  // JSON has no undefined: an absent fact is null.
  return hash("sha256", JSON.stringify(["facts", report.kind, ...facts]));
}

export interface Fingerprints {
  /** Two reports of one kind are about the same passing only if their fingerprints are equal. */
  fingerprint: string;
  /** The fingerprint by which older builds stored the same report, if that is another one. */
  earlierFingerprint?: string | undefined;
  /** On a replay: the fingerprint of the report that was made of the same body before. */
  replaces: string | null;
}

/** Whether a report repeats the one that has the fingerprint `held`; else it is about another passing. */
export function isRepeat(held: string, { fingerprint, earlierFingerprint, replaces }: Fingerprints): boolean {
  return held === fingerprint || held === earlierFingerprint || held === replaces;
}

/**
 * The identity of a report of a terminal, which has its MAC or serial: its address changes. A terminal's own name of the
 * passing joins all reports of it.
 */
export function terminalIdentityOf(
  box: string,
  report: Parameters<typeof identityOf>[1],
  own: Json[] | undefined,
  digest: () => string,
): Json[] {
  if (own !== undefined) return ["terminal", box, ...own];
  const { time, device = {} } = report;
  // Without a time, all passings of one person would be one.
  const when = time === undefined ? [null, digest()] : [time];
  return ["terminal", box, comparable(device.id ?? ""), ...when, whoPassed(report, digest)];
}

/**
 * The address of the capture device, else the address within ep_id, else its id: a real-time report has only the
 * address.
 */
function deviceOf({ device = {} }: Facts): string {
  const address = device.ip ?? ((device.endpoint && splitEndpoint(device.endpoint).address) || "");
  return comparableAddress(address) || comparable(device.id ?? "");
}

function whoPassed({ person = {}, pictures = {} }: Parameters<typeof identityOf>[1], digest: () => string): Json[] {
  if (isNamed(person)) return ["person", comparable(person.id)];
  return ["stranger", pictures.face?.sha256 ?? pictures.scene?.sha256 ?? digest()];
}

function isNamed(person: Facts["person"]): person is { id: string } {
  return person?.id !== undefined && person.type !== "stranger";
}
