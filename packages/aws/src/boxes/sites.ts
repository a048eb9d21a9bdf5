import type { BoxSites } from "@gatepost/query";
import type { Dynamo, KeyPage } from "../dynamo/dynamo.ts";
import { lists } from "../dynamo/index-keys.ts";
import { textOf } from "../dynamo/item.ts";

/** The row of a box is `box BOX`. */
const prefix = "box ";

/** Keys that one query reads: a site may have thousands of boxes, and a report waits until its key is known. */
const pageSize = 2000;

/** The boxes of a site, from the list of their rows. The last change may be missing for a second. */
export class DynamoBoxSites implements BoxSites {
  readonly #dynamo: Dynamo;

  constructor(dynamo: Dynamo) {
    this.#dynamo = dynamo;
  }

  async boxesOf(site: string): Promise<string[]> {
    const boxes: string[] = [];
    const range = { from: "0", to: "~", order: "ascending", limit: pageSize } as const;
    let page: KeyPage = { keys: [], next: undefined };
    do {
      page = await this.#dynamo.keys({ index: "byBox", hash: lists.ofSite(site), ...range }, page.next);
      boxes.push(...page.keys.map((key) => textOf(key, "pk").slice(prefix.length)));
    } while (page.next !== undefined);
    return boxes;
  }
}
