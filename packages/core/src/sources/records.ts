import { storedJson } from "@gatepost/protocol";
import { all, type Items, placeAt } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";

/** A message that was taken: a broker repeats the same number until it knows that. */
const taken = z.object({ id: z.int(), hash: z.string(), at: z.int() });

/** A message of a broker, by the number and the digest that a repeat of it has, and its receipt (ms since 1970). */
export type TakenMessage = z.output<typeof taken>;

/**
 * The message that a broker sends again; undefined if it is another one. A broker uses a number again once its message is
 * finished, so only the last one of the number can be the same.
 */
export function sameBefore(
  messages: readonly TakenMessage[],
  { id, hash }: { id: number | null; hash: string },
): TakenMessage | undefined {
  const last = messages.findLast((one) => one.id === id);
  return last?.hash === hash ? last : undefined;
}

/** `source NAME`: the key that was made for a source, its subscriptions, and the last messages. */
const records = new RecordKind(
  "source ",
  z.object({
    key: z.string(),
    tokenHash: z.string(),
    box: z.string(),
    topics: storedJson(z.array(z.string())),
    taken: storedJson(z.array(taken)),
  }),
);

export interface SourceRecord {
  key: string;
  /** SHA-256 (hex) of the token of its key. The token itself is nowhere. */
  tokenHash: string;
  box: string;
  /** The topics to which its session is subscribed. */
  topics: readonly string[];
  taken: readonly TakenMessage[];
}

const list = { index: "byTime", name: "sources" } as const;

/** The records of sources. */
export class SourceRecords {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  async find(name: string): Promise<SourceRecord | null> {
    const item = await this.#items.get(records.pk(name));
    return item === null ? null : records.readable(item);
  }

  /** Stores the record of a source, durably. */
  async put(name: string, { topics, taken: messages, ...facts }: SourceRecord): Promise<void> {
    const set = { ...facts, topics: JSON.stringify(topics), taken: JSON.stringify(messages) };
    const place = { byTime: list.name, at: placeAt(0, name) };
    await this.#items.write(records.record(name, { ...set, ...place }, all()));
  }

  async remove(name: string): Promise<void> {
    await this.#items.remove(records.pk(name));
  }

  /** The names of all sources with a record. */
  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const { pk } of this.#items.entries({ lists: [list], order: "ascending" })) names.push(records.id(pk));
    return names;
  }
}
