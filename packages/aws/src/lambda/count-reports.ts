import type { ActionBus } from "@gatepost/core/actions";
import type { RecordListener } from "@gatepost/core/arrivals";
import type { Upsert, Written } from "@gatepost/core/events";
import { isCheckBox } from "@gatepost/protocol";
import type { Count, Counts } from "./metrics.ts";

/** Metrics for every report, except those of checks. */
export function countReports(countAny: Count): RecordListener {
  const count = withoutChecks(countAny);
  return {
    event(entry, written) {
      // After a conflict the report is written again under another id, and counted then.
      if (written.outcome === "conflict") return;
      count({ box: entry.box, dialect: entry.report.dialect }, countsOf(entry, written));
    },
    quarantined: ({ box }) => count({ box, dialect: null }, { quarantined: 1 }),
  };
}

/** The same bus, with a metric for every announced action, except those of checks. */
export function countAnnounced(bus: ActionBus, countAny: Count): ActionBus {
  const count = withoutChecks(countAny);
  return {
    async put(entry) {
      await bus.put(entry);
      if (entry.detailType === "Face Event Recorded" || entry.detailType === "Gatepost Test") return;
      if (!("event" in entry.detail)) return;
      const { box, reports } = entry.detail.event;
      count({ box: box.id, dialect: reports[0]?.dialect ?? null }, { announced: 1 });
    },
  };
}

function withoutChecks(countAny: Count): Count {
  return (whose, counts) => {
    if (!isCheckBox(whose.box)) countAny(whose, counts);
  };
}

function countsOf({ report, action }: Upsert, { outcome, enqueued }: Written): Counts {
  const actions: Counts = enqueued && action !== null ? { [action.state]: 1 } : {};
  if (outcome === "duplicate") return { duplicate: 1, ...actions };
  const bytes = Object.values(report.pictures ?? {}).reduce((sum, picture) => sum + picture.bytes, 0);
  return { accepted: 1, flagged: report.flags === undefined ? 0 : 1, bytes, ...actions };
}
