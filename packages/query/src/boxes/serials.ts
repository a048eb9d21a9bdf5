import { comparable, dayMs, type JsonObject, type Report, shortName } from "@gatepost/protocol";
import * as z from "zod/mini";
import { firstText, membersOf } from "./noticed-devices.ts";

/** A serial that a box named, and when it did first and last, ms. */
export const serialSchema = z.object({ serial: z.string(), first: z.int(), last: z.int() });
export type NamedSerial = z.output<typeof serialSchema>;

/** Serials of one box that are kept: the ones that were named last. */
const maxSerials = 4;

/** The members that name the box by its licence in events and in box status. docs/formats.md §1. */
const licenceNames = ["dev_sno", "mq_license_key", "devSno"];

/**
 * The serial by which a report names its box; null if it does not. A platform reports for many boxes, and a backfill
 * reports what another box may have seen.
 */
export function serialOfReport({ kind, serial }: Pick<Report, "kind" | "serial">): string | null {
  return serial === undefined || kind === "pass-record" || kind === "backfill" ? null : named(serial);
}

/** The serial by which a box status names its box; null if it does not. */
export function serialOfNotice(report: JsonObject): string | null {
  const serial = firstText(membersOf(report), licenceNames);
  return serial === null ? null : named(serial);
}

function named(serial: string): string {
  return shortName(comparable(serial));
}

export function serialsOf(serial: string | null | undefined, at: number): NamedSerial[] {
  return serial === null || serial === undefined ? [] : [{ serial, first: at, last: at }];
}

/** The serials of both, the one that was named last first. */
export function joinedSerials(known: readonly NamedSerial[], heard: readonly NamedSerial[]): NamedSerial[] {
  const all = new Map(known.map((one) => [one.serial, one]));
  for (const { serial, first, last } of heard) {
    const before = all.get(serial) ?? { first, last };
    all.set(serial, { serial, first: Math.min(before.first, first), last: Math.max(before.last, last) });
  }
  const newest = (a: NamedSerial, b: NamedSerial) => b.last - a.last || (a.serial < b.serial ? -1 : 1);
  return [...all.values()].sort(newest).slice(0, maxSerials);
}

/**
 * The serials that took turns within the last day: two boxes use one key. None if one box was replaced by another,
 * because the first is not heard again then.
 */
export function alternatingSerials(serials: readonly NamedSerial[], now: number): string[] {
  const recent = serials.filter(({ last }) => now - last < dayMs);
  const takesTurns = (one: NamedSerial) =>
    recent.some((other) => other !== one && one.first <= other.last && other.first <= one.last);
  return recent.flatMap((one) => (takesTurns(one) ? [one.serial] : [])).sort();
}
