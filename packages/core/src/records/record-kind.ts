import { BrokenRow, parseStored } from "@gatepost/protocol";
import type { Change, Condition, Item, Value } from "@gatepost/store";
import * as z from "zod/mini";

/** The attributes of a record: all of its item, except its key, its lists and its `ttl`. */
type Shape = Record<string, z.ZodMiniType<unknown, Value | undefined>>;

/** What may be absent may be undefined or null. */
type Open<Members> = {
  [Name in keyof Members]: Members[Name] | (undefined extends Members[Name] ? null | undefined : never);
};

/** The lists of an item, and its expiry. */
type Placement = Open<{ byTime?: string; byBox?: string; byPerson?: string; at?: string; ttl?: number }>;

type Given<Attributes extends Shape> = z.input<z.ZodMiniObject<Attributes>>;

interface Parts<Attributes extends Shape> {
  /** Undefined: the attribute stays; null: it is removed. */
  set?: { [Name in keyof Given<Attributes>]?: Open<Given<Attributes>>[Name] | undefined } & Placement;
  setIfAbsent?: Partial<Given<Attributes>>;
  add?: Record<string, number>;
  remove?: readonly ((keyof Attributes & string) | keyof Placement)[];
  /** It must not let a missing record be changed, which would then have these attributes alone. */
  when: Condition;
  /** As of `Change`. */
  leavesNoTrace?: boolean;
}

/**
 * A kind of record: the items whose keys begin with its prefix. A record is parsed before it is written, by the schema
 * that will read it: an unreadable record would be a loss.
 *
 * @example
 * const notes = new RecordKind("note ", z.object({ text: z.string() })); await items.write(notes.record("1", { text:
 * "…" }, absent()));
 */
export class RecordKind<Attributes extends Shape> {
  readonly #prefix: string;
  readonly #schema: z.ZodMiniObject<Attributes>;
  /** The schema of a change; made when it is first needed. */
  #partial: z.core.$ZodType | null = null;

  constructor(prefix: string, schema: z.ZodMiniObject<Attributes>) {
    this.#prefix = prefix;
    this.#schema = schema;
  }

  pk(id: string): string {
    return this.#prefix + id;
  }

  id(pk: string): string {
    return pk.slice(this.#prefix.length);
  }

  /** Throws BrokenRow if the item does not have the schema of the record. */
  read(item: Item): z.output<z.ZodMiniObject<Attributes>> {
    const { pk, ttl } = item;
    if (ttl !== undefined && !Number.isInteger(ttl)) throw new BrokenRow(String(pk), "ttl: expected number");
    return parseStored(this.#schema, item, String(pk));
  }

  /** Null if the item does not have the schema of the record. */
  readable(item: Item): z.output<z.ZodMiniObject<Attributes>> | null {
    try {
      return this.read(item);
    } catch (error) {
      if (error instanceof BrokenRow) return null;
      throw error;
    }
  }

  /** A change that writes a whole record, without what is undefined or null in it. Throws BrokenRow if it could not be read. */
  record(id: string, record: Open<Given<Attributes>> & Placement, when: Condition): Change {
    const pk = this.pk(id);
    const set = itemOf(record);
    parseStored(this.#schema, set, pk);
    return { pk, set, when };
  }

  /** A change of some attributes. Throws BrokenRow if the record could not be read after it. */
  change(id: string, { set = {}, setIfAbsent = {}, add = {}, remove: left = [], ...rest }: Parts<Attributes>): Change {
    const pk = this.pk(id);
    const remove = [...left, ...Object.entries(set).flatMap(([name, value]) => (value === null ? [name] : []))];
    const change = { pk, set: itemOf(set), setIfAbsent: itemOf(setIfAbsent), add, remove, ...rest };
    this.#partial ??= z.partial(this.#schema);
    parseStored(this.#partial, { ...change.set, ...change.setIfAbsent, ...add }, pk);
    const needed = remove.find((name) => !this.#isOptional(name));
    if (needed !== undefined) throw new BrokenRow(pk, `${needed} cannot be removed`);
    return change;
  }

  #isOptional(name: string): boolean {
    const attribute = this.#schema.shape[name];
    return attribute === undefined || z.safeParse(attribute, undefined).success;
  }
}

function itemOf(given: object): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(given))
    if (typeof value === "string" || typeof value === "number") item[name] = value;
  return item;
}
