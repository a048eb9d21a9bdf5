import { type ActionState, actionStates, merge, parseStored, type StoredEvent } from "@gatepost/protocol";
import { type EventFilter, type EventReader, matches, type Page, type PageRequest } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { actionShardsOf, lists, shardsOf, timeText } from "../dynamo/index-keys.ts";
import { readPage } from "../dynamo/page.ts";
import type { ShardedRange } from "../dynamo/query-shards.ts";
import type { IndexName } from "../dynamo/table.ts";
import { actionOf, wantActions } from "./action-attributes.ts";
import { eventOf } from "./row.ts";

const ofBox = z.object({ box: z.string() });

type ListedAction = Awaited<ReturnType<EventReader["actions"]>>["items"][number];

/** Reads the events of the table. An expired event is treated as missing, also while DynamoDB still has its row. */
export class DynamoEventReader implements EventReader {
  readonly #dynamo: Dynamo;
  readonly #clock: () => number;

  constructor(dynamo: Dynamo, clock: () => number) {
    this.#dynamo = dynamo;
    this.#clock = clock;
  }

  list(filter: EventFilter, page: PageRequest): Promise<Page<StoredEvent>> {
    return readPage(this.#dynamo, rangeOf(filter), page, (row, entry) => {
      if (isExpired(row, this.#clock()) || row["at"] !== entry.at) return null;
      const event = eventOf(row);
      return matches(merge(event), filter) ? event : null;
    });
  }

  async get(id: string): Promise<StoredEvent | null> {
    const row = id.startsWith("evt_") ? await this.#dynamo.get(id) : null;
    return row === null || isExpired(row, this.#clock()) ? null : eventOf(row);
  }

  actions(state: ActionState | null, page: PageRequest, boxes?: readonly string[]): Promise<Page<ListedAction>> {
    const hashes = (state === null ? actionStates : [state]).flatMap(actionShardsOf);
    const shards = wantActions.flatMap((want) => hashes.map((hash) => ({ index: `actions${want}` as const, hash })));
    return readPage(this.#dynamo, { shards, order: "descending" }, page, (row, entry) => {
      const wantAction = wantActions.find((want) => row[`t_${want}`] === entry.at);
      const action = wantAction === undefined ? null : actionOf(row, wantAction);
      if (action === null || isExpired(row, this.#clock())) return null;
      if (state !== null && action.state !== state) return null;
      const { box } = parseStored(ofBox, row, `event ${entry.pk}`);
      return boxes?.includes(box) === false ? null : { ...action, eventId: entry.pk, box };
    });
  }
}

/** The shortest list that has everything a filter asks for, and the range of it. */
function rangeOf({ from, to, ...filter }: EventFilter): ShardedRange {
  return {
    shards: shardsOfFilter(filter),
    order: "descending",
    ...(from === undefined ? {} : { from: timeText(from) }),
    ...(to === undefined ? {} : { to: timeText(to) }),
  };
}

function shardsOfFilter({ person, box, boxes }: EventFilter): ShardedRange["shards"] {
  if (person !== undefined) return shardsIn("byPerson", lists.ofPerson(person));
  if (box !== undefined) return shardsIn("byBox", lists.ofBox(box));
  if (boxes !== undefined) return boxes.flatMap((one) => shardsIn("byBox", lists.ofBox(one)));
  return shardsIn("byTime", lists.events);
}

function shardsIn(index: IndexName, list: string): ShardedRange["shards"] {
  return shardsOf(list).map((hash) => ({ index, hash }));
}
