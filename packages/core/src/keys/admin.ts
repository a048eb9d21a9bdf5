import {
  absent,
  type Item,
  type Items,
  type Page,
  type PageRequest,
  type Range,
  type Rows,
  readListPage,
  sizeOfItem,
  type Written,
} from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import type { ImportedKey, Key, KeyAdmin, KeyFault, KeyListing, NewKey } from "./key.ts";
import {
  exportedKey,
  hasExpired,
  keyIdOf,
  keyList,
  keys,
  listingOf,
  newRecord,
  revocation,
  serialAt,
  serials,
} from "./record.ts";
import { lastUseOf, uses } from "./uses.ts";

interface Deps {
  items: Items;
  /** The same items, for revocations, which must succeed on a full disk. */
  urgent: Rows;
  /** The time that people see, ms since 1970. */
  clock(): number;
  /** The time at which keys expire, ms since 1970. */
  believed(): number;
  /** Is called when a key has been revoked. */
  revoked?(id: string): void;
}

const everyKey: Range = { lists: [keyList], order: "ascending" };

/** Makes, lists and revokes keys. */
export class KeyRecords implements KeyAdmin {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async create(key: NewKey): Promise<Key> {
    const { tokenHash, ...made } = key;
    const leading = await this.#free(key.serials ?? []);
    const { applied } = await this.#write({ ...key, createdAt: this.#deps.clock() });
    if (!applied) throw new Error("there is a key for this token already");
    await this.#lead(leading, tokenHash);
    return { id: keyIdOf(tokenHash), ...made };
  }

  /**
   * Stores a key of another store, under the id that follows from its hash. A key that exists here is revoked if it is
   * revoked there. `conflict`: another key has its id, so it is not stored.
   */
  async take(key: ImportedKey): Promise<"made" | "known" | "conflict"> {
    const { applied, previous } = await this.#write(key);
    if (applied) await this.#lead(await this.#free(key.revokedAt === null ? (key.serials ?? []) : []), key.tokenHash);
    if (applied) return "made";
    if (previous?.["tokenHash"] !== key.tokenHash) return "conflict";
    if (key.revokedAt !== null) await this.#revoke(keyIdOf(key.tokenHash), key.revokedAt);
    return "known";
  }

  async faultOf(tokenHash: string): Promise<KeyFault> {
    const item = await this.#deps.items.get(keyIdOf(tokenHash));
    if (item === null) return "unknown";
    const stored = keys.read(item);
    if (stored.tokenHash !== tokenHash) return "unknown";
    if (stored.revokedAt !== undefined) return "revoked";
    return hasExpired(stored, this.#deps.believed()) ? "expired" : "unknown";
  }

  async list(): Promise<KeyListing[]> {
    const { items } = this.#deps;
    return withUses(items, await allKeys(items), listingOf);
  }

  async page(request: PageRequest): Promise<Page<KeyListing>> {
    const { items } = this.#deps;
    const { items: found, next } = await readListPage(items, everyKey, request, ({ pk: id, item }) => ({
      value: { id, stored: keys.read(item) },
      bytes: sizeOfItem(item),
    }));
    return { items: await withUses(items, found, listingOf), next };
  }

  async notes(ids: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const found = await this.#deps.items.getAll([...new Set(ids)].filter(isKeyId));
    return new Map([...found].map(([id, item]) => [id, keys.readable(item)?.note ?? null]));
  }

  async hashOf(id: string): Promise<string | null> {
    const item = isKeyId(id) ? await this.#deps.items.get(id) : null;
    return item === null ? null : keys.read(item).tokenHash;
  }

  async revoke(id: string): Promise<boolean> {
    return isKeyId(id) && this.#revoke(id, this.#deps.clock());
  }

  #write(key: NewKey & { createdAt: number; revokedAt?: number | null }): Promise<Written> {
    return this.#deps.items.write(keys.record(keys.id(keyIdOf(key.tokenHash)), newRecord(key), absent()));
  }

  /** The items that lead from serials to keys, all of which are dead. Throws 409 if a live key lists one of them. */
  async #free(asked: readonly string[]): Promise<Map<string, Item | null>> {
    if (asked.length === 0) return new Map();
    const { items } = this.#deps;
    const found = await items.getAll(asked.map((serial) => serials.pk(serial)));
    const leading = new Map<string, Item | null>();
    for (const serial of asked) {
      const item = found.get(serials.pk(serial)) ?? null;
      if (item !== null && (await this.#isLive(serials.read(item).tokenHash))) throw taken(serial);
      leading.set(serial, item);
    }
    return leading;
  }

  async #isLive(tokenHash: string): Promise<boolean> {
    const item = await this.#deps.items.get(keyIdOf(tokenHash));
    if (item === null) return false;
    const stored = keys.read(item);
    return stored.revokedAt === undefined && !hasExpired(stored, this.#deps.believed());
  }

  /** Has serials lead to a key. Revokes it and throws 409 if another key has taken one of them meanwhile. */
  async #lead(leading: ReadonlyMap<string, Item | null>, tokenHash: string): Promise<void> {
    for (const [serial, before] of leading) {
      const { applied } = await this.#deps.items.write(serialAt(serial, tokenHash, before));
      if (applied) continue;
      await this.#revoke(keyIdOf(tokenHash), this.#deps.clock());
      throw taken(serial);
    }
  }

  async #revoke(id: string, at: number): Promise<boolean> {
    const { applied } = await this.#deps.urgent.write(revocation(id, at));
    if (applied) this.#deps.revoked?.(id);
    return applied;
  }
}

function taken(serial: string): GatepostError {
  return new GatepostError("conflict", `another live key lists the serial ${serial}; revoke it first`);
}

/** All keys, as another store takes them over. */
export async function exportedKeys(items: Items): Promise<ImportedKey[]> {
  return withUses(items, await allKeys(items), exportedKey);
}

function isKeyId(id: string): boolean {
  return /^key_\w{1,64}$/.test(id);
}

type FoundKey = { id: string; stored: ReturnType<typeof keys.read> };

async function allKeys(items: Items): Promise<FoundKey[]> {
  const found: FoundKey[] = [];
  for await (const { pk: id, item } of items.list(everyKey)) found.push({ id, stored: keys.read(item) });
  return found;
}

/** Lists some keys with their last uses. */
async function withUses<Listed>(
  items: Rows,
  found: readonly FoundKey[],
  listed: (id: string, stored: FoundKey["stored"], usedAt: number | undefined) => Listed,
): Promise<Listed[]> {
  const used = await items.getAll(found.map(({ id }) => uses.pk(id)));
  return found.map(({ id, stored }) => listed(id, stored, lastUseOf(used.get(uses.pk(id)))));
}
