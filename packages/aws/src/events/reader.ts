import { type ActionState, actionStates, merge, parseStored, type StoredEvent } from "@gatepost/protocol";
import { type EventFilter, type EventReader, matches, type Page, type PageRequest } from "@gatepost/query";
import * as z from "zod";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/expiry.ts";
import { actionShardsOf, lists, shardsOf, timeText } from "../dynamo/index-keys.ts";
import { readPage } from "../dynamo/page.ts";
import type { ShardedRange } from "../dynamo/query-shards.ts";
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

  actions(state: ActionState | null, page: PageRequest): Promise<Page<ListedAction>> {
    const hashes = (state === null ? actionStates : [state]).flatMap(actionShardsOf);
    const shards = wantActions.flatMap((want) => hashes.map((hash) => ({ index: `actions${want}` as const, hash })));
    return readPage(this.#dynamo, { shards, order: "descending" }, page, (row, entry) => {
      const wantAction = wantActions.find((want) => row[`t_${want}`] === entry.at);
      const action = wantAction === undefined ? null : actionOf(row, wantAction);
      if (action === null || isExpired(row, this.#clock())) return null;
      if (state !== null && action.state !== state) return null;
      return { ...action, eventId: entry.pk, box: parseStored(ofBox, row, `event ${entry.pk}`).box };
    });
  }
}

/** The shortest list that has everything a filter asks for, and the range of it. */
function rangeOf({ person, box, from, to }: EventFilter): ShardedRange {
  return {
    shards: shardsOfFilter(person, box),
    order: "descending",
    ...(from === undefined ? {} : { from: timeText(from) }),
    ...(to === undefined ? {} : { to: timeText(to) }),
  };
}

function shardsOfFilter(person: string | undefined, box: string | undefined): ShardedRange["shards"] {
  const [index, list] =
    person !== undefined
      ? (["byPerson", lists.ofPerson(person)] as const)
      : box !== undefined
        ? (["byBox", lists.ofBox(box)] as const)
        : (["byTime", lists.events] as const);
  return shardsOf(list).map((hash) => ({ index, hash }));
}
