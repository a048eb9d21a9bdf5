import type { DatabaseSync, StatementSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import type { EventOfBox, SeenMarks } from "@gatepost/query";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { Signal } from "./signal.ts";

const boxRow = z.object({ box: z.string() });
const seenRow = z.object({ event_id: z.string() });

interface Deps {
  clock: () => number;
  /** The believed time, ms since 1970: an event that expires later is there. */
  believed: () => number;
  /** Gets each event that was not seen before, once that is durable. */
  seen: Signal<EventOfBox>;
}

export class SqliteSeenMarks implements SeenMarks {
  readonly #writer: Writer;
  readonly #clock: () => number;
  readonly #believed: () => number;
  readonly #seen: Signal<EventOfBox>;
  readonly #box: StatementSync;
  readonly #mark: StatementSync;
  readonly #among: StatementSync;

  constructor(database: DatabaseSync, writer: Writer, deps: Deps) {
    this.#writer = writer;
    this.#clock = deps.clock;
    this.#believed = deps.believed;
    this.#seen = deps.seen;
    this.#box = database.prepare("SELECT box FROM events WHERE id = ? AND expires_at > ?");
    this.#mark = database.prepare("INSERT INTO seen (event_id, at) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#among = database.prepare("SELECT event_id FROM seen WHERE event_id IN (SELECT value FROM json_each(?))");
  }

  async mark(eventId: string): Promise<boolean> {
    const now = this.#clock();
    const marked = await this.#writer.run(() => {
      const row = this.#box.get(eventId, this.#believed());
      if (row === undefined) return null;
      const { box } = parseStored(boxRow, row, `event ${eventId}`);
      return { box, isNew: this.#mark.run(eventId, now).changes === 1 };
    });
    if (marked?.isNew === true) this.#seen.send({ eventId, box: marked.box });
    return marked !== null;
  }

  async among(eventIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = this.#among.all(JSON.stringify(eventIds));
    return new Set(rows.map((row) => parseStored(seenRow, row, "a seen event").event_id));
  }
}
