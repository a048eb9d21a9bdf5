import { type BoxSign, signOfNotice, signOfReport } from "@gatepost/core/boxes";
import type { BoxStatusStore } from "@gatepost/core/statuses";
import type { EventIndex, Quarantine } from "@gatepost/ingest";

interface Stores {
  index: EventIndex;
  boxStatus: Pick<BoxStatusStore, "put">;
  quarantine: Quarantine;
}

/** The same stores, which pass a sign to `note` for each report, notice and quarantine record that is durable. */
export function notingSigns({ index, boxStatus, quarantine }: Stores, note: (sign: BoxSign) => void): Stores {
  return {
    index: {
      async upsert(entry) {
        const written = await index.upsert(entry);
        // On a conflict the report is written again under another id, and noted then.
        if (written.outcome !== "conflict" && entry.replaces === null) note(signOfReport(entry.box, entry.report));
        return written;
      },
    },
    boxStatus: {
      async put(record) {
        await boxStatus.put(record);
        note(signOfNotice(record));
      },
    },
    quarantine: {
      async put(record) {
        await quarantine.put(record);
        // What was understood in part is noted as a report.
        if (record.event === null) note({ box: record.box, receivedAt: record.receivedAt, kind: "unread" });
      },
    },
  };
}
