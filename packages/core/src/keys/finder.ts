import type { Item, Rows } from "@gatepost/store";
import type { Log } from "../log/log.ts";
import type { Key, KeyStore } from "./key.ts";
import { hasExpired, keyIdOf, keyOf, keys, serials } from "./record.ts";
import { lastUseOf, useAt, uses } from "./uses.ts";

/** Remembers which key a token has. How long it may do so depends on the runtime. */
export interface KeyCache {
  /** The key of a token; null: it has none; undefined: it has to be read. */
  find(tokenHash: string): Key | null | undefined;
  /** Call it before a read. The function that it returns takes the result. */
  reading(tokenHash: string): (found: Key | null) => void;
}

interface Deps {
  items: Rows;
  cache: KeyCache;
  /** The boxes of a site. */
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  log: Log;
  /** The time of uses, ms since 1970. */
  clock(): number;
  /** The time at which keys expire, ms since 1970. */
  believed(): number;
  /** ms between two notes of the use of a key. */
  noteUseEveryMs: number;
}

/** Most keys whose last uses a process remembers. */
const maxRemembered = 20_000;

/** Finds keys by their tokens, and notes that they are used. */
export class KeyFinder implements KeyStore {
  readonly #deps: Deps;
  /** The last use of each key (ms since 1970) that this process has read or noted, by the id of the key. */
  readonly #lastUsed = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const known = this.#deps.cache.find(tokenHash);
    if (known !== undefined) return known;
    const note = this.#deps.cache.reading(tokenHash);
    const key = await this.#read(tokenHash);
    note(key);
    return key;
  }

  async ofSerial(serial: string): Promise<Key | null> {
    const pk = serials.pk(serial);
    const item = (await this.#deps.items.getAll([pk])).get(pk);
    const key = item === undefined ? null : await this.find(serials.read(item).tokenHash);
    return key?.serials?.includes(serial) === true ? key : null;
  }

  /** If the note fails, it is tried again when the key is next read. */
  async noteUse({ id }: Key): Promise<void> {
    const { items, log, noteUseEveryMs: everyMs } = this.#deps;
    const now = this.#deps.clock();
    if (Math.abs(now - (this.#lastUsed.get(id) ?? Number.NEGATIVE_INFINITY)) < everyMs) return;
    this.#remember(id, now);
    try {
      await items.write(useAt(id, now, everyMs));
    } catch (cause) {
      log.warn("the use of a key was not noted", { cause, id });
    }
  }

  async #read(tokenHash: string): Promise<Key | null> {
    const { items, sites, believed } = this.#deps;
    const id = keyIdOf(tokenHash);
    const found = await items.getAll([id, uses.pk(id)]);
    const item: Item | undefined = found.get(id);
    if (item === undefined) return null;
    const stored = keys.read(item);
    const isLive = stored.tokenHash === tokenHash && stored.revokedAt === undefined && !hasExpired(stored, believed());
    if (!isLive) return null;
    this.#remember(id, lastUseOf(found.get(uses.pk(id))) ?? Number.NEGATIVE_INFINITY);
    const key = keyOf(id, stored);
    return key.site === undefined ? key : { ...key, boxes: await sites.boxesOf(key.site) };
  }

  #remember(id: string, usedAt: number): void {
    if (this.#lastUsed.size >= maxRemembered) this.#lastUsed.clear();
    this.#lastUsed.set(id, usedAt);
  }
}
