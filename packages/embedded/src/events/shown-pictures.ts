import type { DatabaseSync, StatementSync } from "node:sqlite";
import { monthOf, parseStored, type Report, storedJson } from "@gatepost/protocol";
import * as z from "zod";

/** The numbers of the events that show the picture in a row of `pictures`: its first event and all later ones. */
export const eventsThatShow = `
  SELECT event FROM further_events WHERE month = pictures.month AND sha256 = pictures.sha256
  UNION ALL SELECT made FROM events WHERE made = pictures.first_event`;

/** Whether any event shows the picture in a row of `pictures`. */
export const isShown = `EXISTS (${eventsThatShow})`;

/** Month and SHA-256 of a picture. */
type Named = readonly [month: string, sha256: string];

const listRow = z.object({ pictures: z.nullable(storedJson(z.array(z.tuple([z.string(), z.string()])))) });

/** Notes which pictures an event shows. Call it within the transaction of its report. */
export class ShownPictures {
  readonly #list: StatementSync;
  readonly #setList: StatementSync;
  readonly #setFirst: StatementSync;
  readonly #addFurther: StatementSync;

  constructor(database: DatabaseSync) {
    this.#list = database.prepare("SELECT pictures FROM events WHERE made = ?");
    this.#setList = database.prepare("UPDATE events SET pictures = ? WHERE made = ?");
    this.#setFirst = database.prepare(
      "UPDATE pictures SET first_event = ? WHERE month = ? AND sha256 = ? AND first_event IS NULL",
    );
    this.#addFurther = database.prepare(
      `INSERT INTO further_events (month, sha256, event)
       SELECT month, sha256, ? FROM pictures WHERE month = ? AND sha256 = ?`,
    );
  }

  /**
   * Notes the pictures of the report that makes an event. Throws if a picture is not stored.
   *
   * @param made the number that the event gets
   * @returns the column `pictures` of its row
   */
  show(report: Report, made: number): string | null {
    const brought = picturesOf(report);
    for (const picture of brought) this.#show(picture, made);
    return brought.length === 0 ? null : JSON.stringify(brought);
  }

  /** Adds the pictures of a further report to its event. Throws if a picture is not stored. */
  add(report: Report, made: number): void {
    const brought = picturesOf(report);
    if (brought.length === 0) return;
    const held = parseStored(listRow, this.#list.get(made), `event ${made}`).pictures ?? [];
    const added = brought.filter(([month, sha256]) => !held.some((one) => one[0] === month && one[1] === sha256));
    if (added.length === 0) return;
    for (const picture of added) this.#show(picture, made);
    this.#setList.run(JSON.stringify([...held, ...added]), made);
  }

  #show(picture: Named, made: number): void {
    if (this.#setFirst.run(made, ...picture).changes === 1) return;
    if (this.#addFurther.run(made, ...picture).changes === 1) return;
    throw new Error(`picture ${picture.join("/")} of event ${made} is not there`);
  }
}

/** Each picture once. */
function picturesOf({ pictures = {}, receivedAt }: Report): Named[] {
  const named = Object.values(pictures).map(({ sha256, month = monthOf(receivedAt) }): Named => [month, sha256]);
  return [...new Map(named.map((picture) => [picture.join("/"), picture])).values()];
}
