import { isObject, noticeKinds, tellsOf } from "@gatepost/protocol";
import { noticeRow } from "../boxes/status.ts";
import type { Dynamo } from "../dynamo/dynamo.ts";
import type { PersonErased } from "./row.ts";
import { momentAt } from "../dynamo/monotonic-clock.ts";
import { lists, shardsOf } from "../dynamo/index-keys.ts";
import type { Row } from "../dynamo/item.ts";
import { inGroups, walk } from "../dynamo/query-shards.ts";

/** Rows of up to 256 KB that are looked at at the same time. */
const atOnce = 25;

/** Removes what boxes said of a person, as far as it came before the erasure. */
export class NoticeEraser {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  async erase({ person, box, before }: PersonErased): Promise<void> {
    for await (const pks of inGroups(this.#noticesOf(box), () => atOnce)) {
      const rows = [...(await this.#dynamo.getAll(pks)).values()];
      const meant = rows.filter((row) => momentAt(Number(row["receivedAt"])) < before && isAbout(row, person));
      await Promise.all(meant.map((row) => this.#remove(row)));
    }
  }

  async *#noticesOf(box: string | null): AsyncGenerator<string> {
    if (box !== null) {
      for (const kind of noticeKinds) yield noticeRow(box, kind);
      return;
    }
    const lanes = shardsOf(lists.notices).map((hash) => ({ index: "byTime" as const, hash }));
    for await (const { pk } of walk(this.#dynamo, { lanes, order: "ascending" })) yield pk;
  }

  /** The box may have said something else meanwhile, which stays. */
  async #remove({ pk, receivedAt }: Row): Promise<void> {
    await this.#dynamo.remove(String(pk), "#receivedAt = :read", { read: Number(receivedAt) });
  }
}

function isAbout({ report }: Row, person: string): boolean {
  const said: unknown = JSON.parse(String(report));
  return isObject(said) && tellsOf(said, person);
}
