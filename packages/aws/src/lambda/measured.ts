import type { Upsert, Written } from "@gatepost/core/events";
import { isCheckBox } from "@gatepost/protocol";
import type { ReceiverPorts } from "@gatepost/receive";
import type { Count, Counts } from "./metrics.ts";

/** The same ports, with metrics for every report, except those of checks. */
export function measured(deps: ReceiverPorts, countAny: Count): ReceiverPorts {
  const count: Count = (whose, counts) => {
    if (!isCheckBox(whose.box)) countAny(whose, counts);
  };
  return {
    ...deps,
    index: {
      async upsert(entry) {
        const written = await deps.index.upsert(entry);
        // After a conflict the report is written again under another id, and counted then.
        if (written.outcome !== "conflict")
          count({ box: entry.box, dialect: entry.report.dialect }, countsOf(entry, written));
        return written;
      },
    },
    bus: {
      async put(entry) {
        await deps.bus.put(entry);
        if (entry.detailType === "Face Event Recorded" || entry.detailType === "Gatepost Test") return;
        if (!("event" in entry.detail)) return;
        const { box, reports } = entry.detail.event;
        count({ box: box.id, dialect: reports[0]?.dialect ?? null }, { announced: 1 });
      },
    },
    quarantine: {
      async put(record) {
        await deps.quarantine.put(record);
        count({ box: record.box, dialect: null }, { quarantined: 1 });
      },
    },
  };
}

function countsOf({ report, action }: Upsert, { outcome, enqueued }: Written): Counts {
  const actions: Counts = enqueued && action !== null ? { [action.state]: 1 } : {};
  if (outcome === "duplicate") return { duplicate: 1, ...actions };
  const bytes = Object.values(report.pictures ?? {}).reduce((sum, picture) => sum + picture.bytes, 0);
  return { accepted: 1, flagged: report.flags === undefined ? 0 : 1, bytes, ...actions };
}
