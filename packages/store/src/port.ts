/** A value of an item. A stored value that is neither text nor number is read as NaN, which no schema accepts. */
export type Value = string | number;

/**
 * A record: flat, with its key in `pk`. Nested values are JSON in one text. `ttl` is the time at which the item expires,
 * in whole seconds since 1970; an item without it stays.
 */
export type Item = Record<string, Value>;

/** The attributes that can name a list. An item is in the list that its attribute names, at the place `at`. */
export const indexes = ["byTime", "byBox", "byPerson"] as const;

/**
 * A list of items. The name of a list that takes hundreds of writes a second ends with `#`: DynamoDB then spreads it
 * over 16 keys.
 */
export interface List {
  index: (typeof indexes)[number];
  name: string;
}

/**
 * A condition on an item. A comparison with an attribute that is missing, or of another type, is false; only `<>` is
 * then true. Texts are ordered by their UTF-8 bytes.
 */
export type Condition =
  | { is: "present"; name: string }
  | { is: "=" | "<>" | "<" | "<=" | ">" | ">="; name: string; value: Value }
  | { is: "all" | "any"; of: readonly Condition[] }
  | { is: "not"; of: Condition };

/** A write of one item. An attribute is in one of `set`, `setIfAbsent`, `add` and `remove`. */
export interface Change {
  pk: string;
  set?: Item;
  /** Set only if the item does not have the attribute. */
  setIfAbsent?: Item;
  /** Added to a number; a missing number counts as 0. After a lost answer it may count twice. */
  add?: Record<string, number>;
  remove?: readonly string[];
  /** Left out: the write is always applied. */
  when?: Condition;
  /** The write resolves, and the item can be read again, once no file contains its old values. */
  leavesNoTrace?: boolean;
}

export interface Written {
  applied: boolean;
  /** The item before the write, or the item that did not meet the condition. Null: it was missing. */
  previous: Item | null;
}

/** A part of one or several lists. */
export interface Range {
  lists: readonly List[];
  /** The first and the last place, both included. */
  from?: string | undefined;
  to?: string | undefined;
  order: "ascending" | "descending";
}

export interface Entry {
  pk: string;
  at: string;
}

export interface ListedItem extends Entry {
  item: Item;
}

/** Items by their keys. An expired item is missing: no read returns it, and a write starts a new one. */
export interface Rows {
  /** Sees every earlier write. */
  get(pk: string): Promise<Item | null>;
  /** Each item as `get` returns it; the items may be of different moments. */
  getAll(pks: readonly string[]): Promise<Map<string, Item>>;
  /** Durable when it resolves. Throws ItemTooLarge if the item would be larger than 400 KB. */
  write(change: Change): Promise<Written>;
  /** Removes an item and returns it. Null: it was missing, or did not meet the condition. */
  remove(pk: string, when?: Condition): Promise<Item | null>;
}

/** The record store: items by key, and in lists. */
export interface Items extends Rows {
  /** The keys alone. They may lag some seconds behind, and name items that have expired. */
  entries(range: Range): AsyncIterable<Entry>;
  /** The items that exist and are in the list when they are read. Items that were added in the last seconds may be missing. */
  list(range: Range): AsyncIterable<ListedItem>;
}

/** The item would be larger than every driver can keep. */
export class ItemTooLarge extends Error {
  constructor(pk: string, options?: ErrorOptions) {
    super(`item ${pk} would be larger than 400 KB`, options);
    this.name = "ItemTooLarge";
  }
}
