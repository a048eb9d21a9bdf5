import type { QuarantineRecord } from "@gatepost/ingest";
import type { Page, PageRequest, QuarantineReader } from "@gatepost/query";
import type { Dynamo } from "./dynamo.ts";
import type { Objects } from "./objects.ts";
import { readPage } from "./page.ts";
import { lists, shardsOf } from "./places.ts";
import type { DynamoQuarantine } from "./quarantine.ts";
import { bodyKey, countOf, listingOf, type QuarantineListing } from "./quarantine-row.ts";
import { inGroups, walk } from "./walk.ts";

export class DynamoQuarantineReader implements QuarantineReader {
  readonly #dynamo: Dynamo;
  readonly #objects: Objects;
  readonly #quarantine: DynamoQuarantine;

  constructor(dynamo: Dynamo, objects: Objects, quarantine: DynamoQuarantine) {
    this.#dynamo = dynamo;
    this.#objects = objects;
    this.#quarantine = quarantine;
  }

  list(box: string | null, page: PageRequest): Promise<Page<QuarantineListing>> {
    const lanes =
      box === null
        ? shardsOf(lists.quarantine).map((hash) => ({ index: "byTime" as const, hash }))
        : shardsOf(lists.quarantineOf(box)).map((hash) => ({ index: "byBox" as const, hash }));
    return readPage(this.#dynamo, { lanes, order: "descending" }, page, listingOf);
  }

  async get(id: string): Promise<QuarantineRecord | null> {
    const row = id.startsWith("qrt_") ? await this.#dynamo.get(id) : null;
    const listed = row === null ? null : listingOf(row);
    const body = listed === null ? null : await this.#objects.get(bodyKey(listed));
    if (listed === null || body === null) return null;
    const { bytes: _, ...record } = listed;
    return { ...record, body };
  }

  async remove(id: string): Promise<void> {
    await this.#quarantine.remove(id);
  }

  async dropped(): Promise<Record<string, number>> {
    const counts = new Map<string, number>();
    const lanes = [{ index: "byBox" as const, hash: lists.quarantineCounts }];
    for await (const group of inGroups(walk(this.#dynamo, { lanes, order: "ascending" }), () => 100)) {
      const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
      for (const { box, dropped } of [...rows.values()].map(countOf)) counts.set(box, dropped);
    }
    return Object.fromEntries(counts);
  }
}
