import type { S3Client } from "@aws-sdk/client-s3";
import type { Page, PageRequest } from "@gatepost/core/lists";
import {
  type QuarantineGroup,
  type QuarantineLinks,
  type QuarantineReader,
  type QuarantineRecord,
  quarantineGroups,
  type SetAside,
  type WhereAside,
  type WhichRecords,
} from "@gatepost/core/quarantine";
import { parseStored } from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { chunk } from "../dynamo/groups.ts";
import { isExpired } from "../dynamo/item.ts";
import * as lists from "../dynamo/lists.ts";
import { shardsOf } from "../dynamo/lists.ts";
import { readDynamoPage } from "../dynamo/page.ts";
import { queryShards } from "../dynamo/query-shards.ts";
import type { Objects } from "../s3/objects.ts";
import { signedUrl } from "../s3/signed-url.ts";
import { isAside, putRecordBack, setRecordAside } from "./aside.ts";
import { recordOfEntry, waitingOf } from "./batches.ts";
import { bodyKey, droppedIn, isBeingRemoved, listingOf, type QuarantineListing } from "./row.ts";
import type { DynamoQuarantine } from "./store.ts";

/** Most records that are read to group them. */
const maxGrouped = 10_000;

/** Events whose records are counted at the same time, each with a query. */
const countedAtOnce = 50;

interface QuarantineReaderDeps {
  dynamo: Dynamo;
  objects: Objects;
  quarantine: DynamoQuarantine;
  clock(): number;
}

/** Reads the records in quarantine. An expired record is treated as missing, also while DynamoDB still has its row. */
export class DynamoQuarantineReader implements QuarantineReader {
  readonly #dynamo: Dynamo;
  readonly #objects: Objects;
  readonly #quarantine: DynamoQuarantine;
  readonly #clock: () => number;

  constructor({ dynamo, objects, quarantine, clock }: QuarantineReaderDeps) {
    this.#dynamo = dynamo;
    this.#objects = objects;
    this.#quarantine = quarantine;
    this.#clock = clock;
  }

  list(
    of: string | readonly string[] | null,
    page: PageRequest,
    { reason, path, order }: WhichRecords = {},
  ): Promise<Page<QuarantineListing>> {
    return this.#page(of, { ...page, order }, (row) => {
      const listed = this.#listed(row);
      const isMeant = (reason ?? listed?.reason) === listed?.reason && (path ?? listed?.path) === listed?.path;
      return isMeant ? listed : null;
    });
  }

  #page<Listed>(
    of: string | readonly string[] | null,
    {
      order = "descending",
      ...page
    }: PageRequest & { order?: WhichRecords["order"]; maxLookedAt?: number; hasNoSize?: boolean },
    listed: (row: Item) => Listed | null,
  ): Promise<Page<Listed>> {
    const ofBox = (box: string) => shardsOf(lists.quarantineOf(box)).map((hash) => ({ index: "byBox" as const, hash }));
    const shards =
      of === null
        ? shardsOf(lists.quarantine).map((hash) => ({ index: "byTime" as const, hash }))
        : [of].flat().flatMap(ofBox);
    return readDynamoPage(this.#dynamo, { shards, order }, page, listed);
  }

  async groups(of: readonly string[] | null): Promise<{ groups: QuarantineGroup[]; isExact: boolean }> {
    const all = { limit: maxGrouped, cursor: null, maxLookedAt: maxGrouped, hasNoSize: true };
    const { items, next } = await this.#page(of, all, (row) => {
      const listed = this.#listed(row);
      return listed === null ? null : { ...listed, dropped: droppedIn(row) };
    });
    return { groups: quarantineGroups(items), isExact: next === null };
  }

  async get(id: string): Promise<QuarantineRecord | null> {
    const row = id.startsWith("qrt_") ? await this.#dynamo.get(id) : null;
    const listed = row === null ? null : this.#listed(row);
    return listed === null ? null : this.#withBody(listed);
  }

  async #withBody(listed: QuarantineListing): Promise<QuarantineRecord | null> {
    const body = await this.#objects.get(bodyKey(listed));
    const { bytes: _, ...record } = listed;
    return body === null ? null : { ...record, body };
  }

  async isNext(id: string): Promise<boolean> {
    const row = await this.#dynamo.get(id);
    if (row === null) return true;
    const first = await waitingOf(listingOf(row).box, this.#dynamo).next();
    return first.done === true || first.value === id;
  }

  put(record: QuarantineRecord): Promise<void> {
    return this.#quarantine.put(record);
  }

  async remove(id: string): Promise<void> {
    await this.#quarantine.remove(id);
  }

  setAside(id: string, how: SetAside): Promise<void> {
    return setRecordAside(id, how, { dynamo: this.#dynamo, clock: this.#clock });
  }

  async listAside(records: readonly WhereAside[]): Promise<QuarantineListing[]> {
    const rows = await this.#dynamo.getAll(records.map(({ id }) => id));
    return records.flatMap(({ id }) => {
      const row = rows.get(id);
      return row !== undefined && isAside(row, this.#clock()) ? [listingOf(row)] : [];
    });
  }

  async getAside(record: WhereAside): Promise<QuarantineRecord | null> {
    const [listed] = await this.listAside([record]);
    return listed === undefined ? null : this.#withBody(listed);
  }

  putBack({ id }: WhereAside): Promise<boolean> {
    return putRecordBack(id, { dynamo: this.#dynamo, clock: this.#clock });
  }

  async countOf(events: readonly string[]): Promise<number> {
    const records = new Set<string>();
    for (let from = 0; from < events.length; from += countedAtOnce) {
      const some = events.slice(from, from + countedAtOnce);
      for (const found of await Promise.all(some.map((event) => this.#recordsOf(event)))) {
        for (const id of found) records.add(id);
      }
    }
    return records.size;
  }

  async dropped(): Promise<Record<string, number>> {
    const counts = new Map<string, number>();
    const shards = [{ index: "byBox" as const, hash: lists.quarantineCounts }];
    for await (const group of chunk(queryShards(this.#dynamo, { shards, order: "ascending" }), () => 100)) {
      const rows = await this.#dynamo.getAll(group.map(({ pk }) => pk));
      for (const { box, dropped } of [...rows.values()].map(droppedOf)) counts.set(box, dropped);
    }
    return Object.fromEntries(counts);
  }

  async #recordsOf(event: string): Promise<string[]> {
    const shards = [{ index: "byPerson" as const, hash: lists.quarantineOfEvent(event) }];
    const records: string[] = [];
    for await (const { pk } of queryShards(this.#dynamo, { shards, order: "ascending" })) {
      records.push(recordOfEntry(pk));
    }
    return records;
  }

  #listed(row: Item): QuarantineListing | null {
    return isExpired(row, this.#clock()) || isBeingRemoved(row) ? null : listingOf(row);
  }
}

const droppedRow = z.object({ box: z.string(), dropped: z._default(z.number(), 0) });

/** The box of a row of counts, and how many of its records were removed because quarantine was full. */
function droppedOf(row: Item): { box: string; dropped: number } {
  return parseStored(droppedRow, row, `${row["pk"]}`);
}

/** Links to bodies that are too long for an answer of Lambda. */
export class S3QuarantineLinks implements QuarantineLinks {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: () => number;

  constructor(client: S3Client, bucket: string, clock: () => number) {
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async link(record: Parameters<typeof bodyKey>[0]): Promise<{ url: string; expires: string }> {
    return signedUrl(this.#client, { Bucket: this.#bucket, Key: bodyKey(record) }, { now: this.#clock() });
  }
}
