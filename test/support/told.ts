import type { NewsWriter, Telling } from "@gatepost/core/events";

/** Keeps what readers of the feed are told. */
export class ToldNews implements NewsWriter {
  readonly told: Telling["told"][] = [];
  /** Thrown by each call until it is null. */
  failure: Error | null = null;

  async tell(news: readonly Telling[]): Promise<void> {
    if (this.failure !== null) throw this.failure;
    this.told.push(...news.map(({ told }) => told));
  }
}
