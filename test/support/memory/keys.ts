import { hashToken, type Key, type KeyStore, newToken } from "@gatepost/ingest";
import { instant } from "@gatepost/protocol";
import type { KeyAdmin, KeyListing } from "@gatepost/query";

type NewKey = Parameters<KeyAdmin["create"]>[0];

/** Keys in memory. */
export class MemoryKeys implements KeyStore, KeyAdmin {
  readonly #clock: () => number;
  readonly #keys = new Map<string, KeyListing & { tokenHash: string }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const key = [...this.#keys.values()].find((one) => one.tokenHash === tokenHash && one.revokedAt === null);
    if (key === undefined) return null;
    const { tokenHash: _, createdAt: __, lastUsedAt: ___, revokedAt: ____, ...found } = key;
    return found;
  }

  async noteUse({ id }: Key): Promise<void> {
    const key = this.#keys.get(id);
    if (key !== undefined) key.lastUsedAt = instant(this.#clock());
  }

  async create(key: NewKey): Promise<Key> {
    return this.#create(key);
  }

  async list(): Promise<KeyListing[]> {
    return [...this.#keys.values()].map(({ tokenHash: _, ...key }) => key);
  }

  async revoke(id: string): Promise<boolean> {
    return this.#revoke(this.#keys.get(id));
  }

  /** Makes a key and returns its token. */
  add(scope: Key["scope"], box: string | null): string {
    const token = newToken(scope);
    this.#create({ scope, box, tokenHash: hashToken(token) });
    return token;
  }

  revokeToken(token: string): void {
    this.#revoke([...this.#keys.values()].find(({ tokenHash }) => tokenHash === hashToken(token)));
  }

  #create({ tokenHash, ...key }: NewKey): Key {
    const id = `key_${this.#keys.size + 1}`;
    const createdAt = instant(this.#clock());
    this.#keys.set(id, { id, ...key, tokenHash, createdAt, lastUsedAt: null, revokedAt: null });
    return { id, ...key };
  }

  #revoke(key: KeyListing | undefined): boolean {
    if (key !== undefined) key.revokedAt ??= instant(this.#clock());
    return key !== undefined;
  }
}
