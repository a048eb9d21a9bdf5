import type { Change, ChangeFeed } from "../events/reader.ts";
import type { LiveConfiguration } from "./configuration.ts";
import type { LiveCursors } from "./cursors.ts";
import { changeBy, LiveMessages, type MessagePorts } from "./messages.ts";
import { missedReports, type ResumePoint, resumePointAfter } from "./resume-point.ts";

const pageSize = 50;

export interface MissedPorts extends Omit<MessagePorts, "cursor" | "isCatchUp"> {
  cursors: LiveCursors;
  /**
   * It gives an event at its latest change, and may also give it at the write that made it. A feed that does not do the
   * latter may give a younger event before an older one: then the adapter must remember where a disconnected subscriber
   * continues.
   */
  feed: Pick<ChangeFeed, "read">;
}

/** The changes that a subscriber has missed, read page by page from the feed of changes, and the messages for them. */
export class MissedChanges {
  readonly #configuration: LiveConfiguration;
  readonly #deps: MissedPorts;
  #since: ResumePoint;
  #cursor: string;

  constructor(since: ResumePoint, configuration: LiveConfiguration, deps: MissedPorts) {
    this.#configuration = configuration;
    this.#deps = deps;
    this.#since = since;
    this.#cursor = since.cursor;
  }

  /** The cursor of the next page. */
  get cursor(): string {
    return this.#cursor;
  }

  /** The next changes of the feed. Not every one concerns the subscriber. */
  async read(): Promise<{ changes: readonly Change[]; isEnd: boolean }> {
    const { items, next, isEnd } = await this.#deps.feed.read(this.#cursor, pageSize);
    this.#cursor = next;
    return { changes: items, isEnd };
  }

  /** Begins again at another resume point. */
  restart(since: ResumePoint): void {
    this.#since = since;
    this.#cursor = since.cursor;
  }

  /** The message for a change; null if it does not concern the subscriber. */
  async messageOf(change: Change): Promise<Buffer | null> {
    const missed = changeBy(change.event, missedReports(change, this.#since));
    const cursor = () => this.#deps.cursors.of(this.#pointAfter(change));
    return new LiveMessages(change.event, missed, { ...this.#deps, cursor, isCatchUp: true }).for(this.#configuration);
  }

  /** A feed that does not give an event where it was made may still give older events that the subscriber has not got. */
  #pointAfter({ event, cursor, isUpdate }: Change): ResumePoint {
    if (isUpdate === undefined) return { ...this.#since, cursor };
    return resumePointAfter(event, { cursor, isNew: !isUpdate });
  }
}
