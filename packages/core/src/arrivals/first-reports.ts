import type { EventIndex } from "../events/ports.ts";
import type { Log } from "../log/log.ts";
import type { BoxStatusStore } from "../statuses/box-statuses.ts";

/** More boxes than one process receives from. With more, the first report of a box may be logged again. */
const maxBoxes = 10_000;

interface Stores {
  index: EventIndex;
  boxStatus: Pick<BoxStatusStore, "put">;
}

/** The same stores. They log the first report of each box since the start of the process, once it is durable. */
export function sayingFirstReports({ index, boxStatus }: Stores, log: Log): Stores {
  const heard = new Set<string>();
  const hear = (box: string, kind: string) => {
    if (heard.has(box)) return;
    if (heard.size >= maxBoxes) heard.clear();
    heard.add(box);
    log.info("first report", { box, kind });
  };
  return {
    index: {
      async upsert(entry) {
        const written = await index.upsert(entry);
        hear(entry.box, entry.report.kind);
        return written;
      },
    },
    boxStatus: {
      async put(record) {
        await boxStatus.put(record);
        hear(record.box, record.kind);
      },
    },
  };
}
