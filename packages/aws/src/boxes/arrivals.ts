import type { ArrivalListing, ArrivalReader } from "@gatepost/core/boxes";
import type { EventReader } from "@gatepost/core/events";
import type { QuarantineReader } from "@gatepost/core/quarantine";
import { instant, omitAbsent, type ReportKind, type StoredEvent } from "@gatepost/protocol";

const maxShown = 20;

/** The usual path of each kind. The path that was really used is not stored. */
const paths: Record<ReportKind, string> = {
  realtime: "/RealTimeEvent",
  history: "/HistoryEvent",
  "pass-record": "/PassRecord",
  live: "/LiveEvent",
  backfill: "/AsyncEvent",
};

/** What a box sent last, from the lists of its events and quarantine records. Refused reports are not stored. */
export class StoredArrivals implements ArrivalReader {
  readonly isWrongKeyKnown = false;
  readonly #events: Pick<EventReader, "list">;
  readonly #quarantine: Pick<QuarantineReader, "list">;

  constructor(events: Pick<EventReader, "list">, quarantine: Pick<QuarantineReader, "list">) {
    this.#events = events;
    this.#quarantine = quarantine;
  }

  async of(box: string): Promise<ArrivalListing[]> {
    const page = { limit: maxShown, cursor: null };
    const [events, records] = await Promise.all([this.#events.list({ box }, page), this.#quarantine.list(box, page)]);
    const quarantined = records.items.map(
      ({ id, path, reason, receivedAt, bytes, event }): ArrivalListing => ({
        at: instant(receivedAt),
        path,
        bytes,
        from: null,
        outcome: "quarantined",
        quarantine: id,
        reason,
        ...omitAbsent({ event: event?.id }),
      }),
    );
    const arrivals = [...events.items.flatMap(arrivalsOf), ...quarantined];
    return arrivals.toSorted((a, b) => (a.at < b.at ? 1 : -1)).slice(0, maxShown);
  }
}

function arrivalsOf({ id, reports }: StoredEvent): ArrivalListing[] {
  return reports.map(({ kind, receivedAt }) => ({
    at: instant(receivedAt),
    path: paths[kind],
    bytes: null,
    from: null,
    outcome: "event",
    event: id,
    kind,
  }));
}
