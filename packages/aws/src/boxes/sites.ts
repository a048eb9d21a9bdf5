import type { BoxSites } from "@gatepost/query";
import type { Dynamo } from "../dynamo/dynamo.ts";
import * as lists from "../dynamo/lists.ts";
import { queryShards } from "../dynamo/query-shards.ts";

/** The row of a box is `box BOX`. */
const prefix = "box ";

/** The boxes of a site, from the list of their rows. The last change may be missing for a second. */
export class DynamoBoxSites implements BoxSites {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  async boxesOf(site: string): Promise<string[]> {
    const boxes: string[] = [];
    const shards = [{ index: "byBox" as const, hash: lists.ofSite(site) }];
    for await (const { pk } of queryShards(this.#dynamo, { shards, order: "ascending" }))
      boxes.push(pk.slice(prefix.length));
    return boxes;
  }
}
