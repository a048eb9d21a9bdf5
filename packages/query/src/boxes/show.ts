import { boxStatusKinds, instant, type JsonObject, reportKinds, type ShownBox } from "@gatepost/protocol";
import { aboutOf } from "./about.ts";
import type { BoxActivity } from "./activity.ts";
import { joinedPauses, type Pauses } from "./life.ts";
import type { LocalHours } from "./local-hours.ts";
import type { BoxRecord } from "./record.ts";
import { showDevices } from "./show-devices.ts";
import { silentAfter, usualPause } from "./silence.ts";

export interface Shown {
  hours: LocalHours;
  now: number;
  /** The pauses of the box in the hours that decide now. */
  pauses: Pauses;
  /** Its last notices. */
  notices: readonly { receivedAt: number; report: JsonObject }[];
  rhythm: ShownBox["rhythm"];
  /** Whether reports and refusals are counted one by one; else what they come to is not known. */
  isCounted: boolean;
}

/** A box as readers get it. */
export function showBox(record: BoxRecord, shown: Shown): ShownBox {
  const { activity, silentSince, recoveredAt, afterMs, isExpected } = record;
  const { hours, now, rhythm, isCounted } = shown;
  const life = activity?.life ?? null;
  const notices = shown.notices.toSorted((a, b) => b.receivedAt - a.receivedAt).map(({ report }) => report);
  const pauses = joinedPauses(shown.pauses, life?.pauses ?? {});
  const judged = { life: life ?? { first: now, last: now }, afterMs, pauses };
  return {
    id: record.box,
    site: record.site,
    state: life === null ? "new" : silentSince === null ? "reports" : "silent",
    since: life === null ? null : instant(silentSince ?? recoveredAt ?? life.first),
    firstSeen: life === null ? null : instant(life.first),
    lastSeen: life === null ? null : instant(life.last),
    kinds: kindsOf(activity, shown),
    silence: {
      afterMs: silentAfter(judged, now, hours),
      usualMs: usualPause(pauses, now, hours),
      isOverride: afterMs !== null,
      isExpected,
    },
    rhythm,
    clock: { skewMs: activity?.clock?.skewMs ?? null },
    flagged: { rate: flaggedRate(activity) },
    refused: isCounted ? refusedOf(activity) : null,
    about: aboutOf(notices, activity, now),
    devices: showDevices(record, notices),
  };
}

function kindsOf(activity: BoxActivity | null, { hours, now, isCounted }: Shown): ShownBox["kinds"] {
  const today = hours.dayOf(now);
  return ([...reportKinds, ...boxStatusKinds, "unread"] as const).flatMap((kind) => {
    const known = activity?.kinds[kind];
    if (known === undefined) return [];
    const { dialect, last, lagMs, day, count } = known;
    const counted = day === today ? count : 0;
    return [{ kind, dialect, lastSeen: instant(last), today: isCounted ? counted : null, lagMs }];
  });
}

/** The share of flagged reports in the last days, from 0 to 1; null where there was no report. */
function flaggedRate(activity: BoxActivity | null): number | null {
  const days = Object.values(activity?.days ?? {});
  const [reports, flagged] = [total(days, ({ reports: n }) => n), total(days, ({ flagged: n }) => n)];
  return reports === 0 ? null : Math.round((flagged / reports) * 10_000) / 10_000;
}

/**
 * The setting of a box that makes its bodies smaller, by kind and dialect: scenes are the largest. docs/formats.md §3.
 */
const pictureSwitches = [
  ["history", "history-nested", "history_need_spot_pic"],
  ["history", "history-flat", "history_need_spot_pic"],
  ["realtime", "se3-realtime", "real_need_reg_pic"],
] as const;

function refusedOf(activity: BoxActivity | null): NonNullable<ShownBox["refused"]> {
  const days = Object.values(activity?.days ?? {});
  const of = (status: string) => total(days, ({ refused }) => refused[status] ?? 0);
  const found = pictureSwitches.find(([kind, dialect]) => activity?.kinds[kind]?.dialect === dialect);
  return { "413": of("413"), "429": of("429"), turnOff: of("413") > 0 ? (found?.[2] ?? null) : null };
}

function total<Of>(all: readonly Of[], count: (one: Of) => number): number {
  return all.reduce((sum, one) => sum + count(one), 0);
}
