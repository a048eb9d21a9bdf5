import type { ActionFilter, ActionReader, ListedAction } from "@gatepost/core/actions";
import type { Page, PageRequest } from "@gatepost/core/lists";
import {
  actionStates,
  parseActionId,
  parseStored,
  type StoredEvent,
  type WantAction,
  wantActions,
} from "@gatepost/protocol";
import type { Item } from "@gatepost/store";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/item.ts";
import { actionShardsOf } from "../dynamo/lists.ts";
import { readDynamoPage } from "../dynamo/page.ts";
import { actionOf, approvalOf, declineOf, orderedList } from "../events/action-attributes.ts";
import { historyOf } from "../events/action-history.ts";
import { eventOf } from "../events/row.ts";

const ofBox = z.object({ box: z.string() });

/** Reads the actions of the table. They are in the rows of their events. */
export class DynamoActionReader implements ActionReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  list({ states = actionStates, wants = wantActions, boxes, isOrdered = false }: ActionFilter, page: PageRequest) {
    const hashes = isOrdered ? actionShardsOf(orderedList) : states.flatMap(actionShardsOf);
    const list = isOrdered ? "ordered" : "actions";
    const shards = wants.flatMap((want) => hashes.map((hash) => ({ index: `${list}${want}` as const, hash })));
    return readDynamoPage(this.#dynamo, { shards, order: "descending" }, page, (row, entry): ListedAction | null => {
      const want = wants.find((one) => row[`t_${one}`] === entry.at);
      const action = want === undefined ? null : this.#listed(row, want);
      if (action === null || !states.includes(action.state)) return null;
      if (isOrdered && action.approval?.isOpen !== true) return null;
      return boxes === undefined || boxes.includes(action.box) ? action : null;
    }) satisfies Promise<Page<ListedAction>>;
  }

  async get(actionId: string): Promise<ListedAction | null> {
    const id = parseActionId(actionId);
    const row = id === null ? null : await this.#dynamo.get(id.eventId);
    return id === null || row === null ? null : this.#listed(row, id.wantAction);
  }

  async eventOf(actionId: string): Promise<StoredEvent | null> {
    const id = parseActionId(actionId);
    const row = id === null ? null : await this.#dynamo.get(id.eventId);
    return id === null || row === null || this.#listed(row, id.wantAction) === null ? null : eventOf(row);
  }

  async ofEvent(eventId: string): Promise<ListedAction[]> {
    const row = eventId.startsWith("evt_") ? await this.#dynamo.get(eventId) : null;
    return row === null ? [] : wantActions.flatMap((want) => this.#listed(row, want) ?? []);
  }

  #listed(row: Item, want: WantAction): ListedAction | null {
    const action = isExpired(row, this.#clock()) ? null : actionOf(row, want);
    if (action === null) return null;
    const { box } = parseStored(ofBox, row, `event ${row["pk"]}`);
    return {
      ...action,
      eventId: String(row["pk"]),
      box,
      approval: approvalOf(row, want),
      decline: declineOf(row, want),
      told: null,
      history: historyOf(row, action),
    };
  }
}
