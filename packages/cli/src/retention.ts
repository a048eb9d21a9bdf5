import type { Machine } from "@gatepost/embedded";

const hour = 60 * 60 * 1000;

/** Removes what has expired, now and every hour. The returned function ends that once a sweep under way is done. */
export function sweepHourly({ retention, ingest }: Machine): () => Promise<void> {
  let underWay = Promise.resolve();
  const sweep = () => {
    underWay = retention
      .sweep(ingest.clock())
      .catch((cause: unknown) => ingest.log.error("expired events not removed, trying again in an hour", { cause }));
  };
  sweep();
  const timer = setInterval(sweep, hour);
  return () => {
    clearInterval(timer);
    return underWay;
  };
}
