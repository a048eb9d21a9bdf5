import type { DatabaseSync } from "node:sqlite";
import type { RecordListener, RefusalKind, ReportStore } from "@gatepost/core/arrivals";
import type { ServerFacts, Shipping } from "@gatepost/core/health";
import { isComplete } from "../../quarantine/pieces.ts";
import { Counter, gaugeText, Histogram } from "./series.ts";

interface Reading {
  database: DatabaseSync;
  boxes: { names(): Promise<{ isSilent: boolean }[]> };
  server: Pick<ServerFacts, "room" | "shipping">;
}

/** Counts and measures for a monitoring system. For a report it only adds numbers in memory. */
export class Metrics {
  readonly #reports = new Counter("gatepost_reports", "Reports of passings, by kind, dialect and outcome.");
  readonly #quarantined = new Counter("gatepost_quarantined", "Reports that went to quarantine, by reason.");
  readonly #refused = new Counter("gatepost_refused", "Requests that were refused, by kind.");
  readonly #unexpected = new Counter(
    "gatepost_unexpected_dialect",
    "Reports on a path to which their dialect does not belong, by the path's type of event and dialect.",
  );
  readonly #store = new Histogram("gatepost_store_seconds", "How long the durable write of a report took.");
  readonly #pictures = new Histogram("gatepost_picture_seconds", "How long the durable write of a picture took.");
  readonly #sync = new Histogram("gatepost_sync_seconds", "How long a sync of the database's log took.");

  #certificateEndsAt: (() => number) | null = null;

  /** Shows the end of the server's certificate, in ms since 1970, which is asked each time. */
  watchCertificate(endsAt: () => number): void {
    this.#certificateEndsAt = endsAt;
  }

  /** Measures the writes of reports, and counts their outcomes. */
  countReports(): RecordListener {
    const measure = (store: ReportStore, seconds: number) => {
      if (store === "index") this.#store.observe(seconds);
      if (store === "pictures") this.#pictures.observe(seconds);
    };
    return {
      stored: measure,
      failed: measure,
      event: ({ report: { kind, dialect, unexpectedAt: route } }, { outcome }) => {
        this.#reports.add({ kind, dialect, outcome });
        if (route !== undefined && outcome !== "conflict") this.#unexpected.add({ route, dialect });
      },
      quarantined: ({ reason }) => this.#quarantined.add({ reason: reason.slice(0, 64) }),
    };
  }

  readonly refused = (kind: RefusalKind): void => this.#refused.add({ kind });

  readonly sync = <Result>(work: () => Promise<Result>): Promise<Result> => this.#sync.time(work);

  /** All metrics in the format of OpenMetrics. They name no box. */
  async text({ database, boxes, server }: Reading): Promise<string> {
    const [names, room] = [await boxes.names(), await server.room()];
    const shipping = await server.shipping();
    const silent = names.filter(({ isSilent }) => isSilent).length;
    return [
      ...[this.#reports, this.#unexpected, this.#quarantined, this.#refused].map((counter) => counter.text()),
      ...[this.#store, this.#pictures, this.#sync].map((histogram) => histogram.text()),
      gaugeText("gatepost_queue", "Waiting work: bus, dead letters, outbox, quarantine.", queuesOf(database)),
      gaugeText("gatepost_boxes", "Boxes that report, and silent boxes.", [
        [{ state: "reports" }, names.length - silent],
        [{ state: "silent" }, silent],
      ]),
      ...(room === null ? [] : [roomText(room)]),
      ...(shipping === null ? [] : shippingText(shipping)),
      ...(this.#certificateEndsAt === null ? [] : [certificateText(this.#certificateEndsAt())]),
      "# EOF\n",
    ].join("\n");
  }
}

function roomText({ usedBytes, ofBytes }: { usedBytes: number; ofBytes: number }): string {
  return gaugeText("gatepost_disk_bytes", "The disk of the data folder.", [
    [{ part: "used" }, usedBytes],
    [{ part: "all" }, ofBytes],
  ]);
}

function certificateText(endsAt: number): string {
  const what = "When the certificate of the server ends, in seconds since 1970.";
  return gaugeText("gatepost_certificate_end_timestamp_seconds", what, [[{}, endsAt / 1000]]);
}

function shippingText({ since, isFailing }: Shipping): string[] {
  const when = "When all that was stored had been shipped, or else when shipping began, in seconds since 1970.";
  return [
    gaugeText("gatepost_ship_timestamp_seconds", when, [[{}, since / 1000]]),
    gaugeText("gatepost_ship_failing", "Whether the last try to ship failed.", [[{}, isFailing ? 1 : 0]]),
  ];
}

function queuesOf(database: DatabaseSync): [{ queue: string }, number][] {
  const queues = {
    bus: "deliveries WHERE state = 'waiting'",
    deadletters: "deliveries WHERE state = 'dead'",
    outbox: "actions WHERE state = 'pending'",
    quarantine: `quarantine WHERE ${isComplete}`,
  };
  return Object.entries(queues).map(([queue, rows]) => {
    return [{ queue }, Number(database.prepare(`SELECT count(*) AS n FROM ${rows}`).get()?.["n"])];
  });
}
