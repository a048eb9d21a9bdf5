import { hashToken, type Key, type KeyStore, newToken } from "@gatepost/ingest";
import { instant } from "@gatepost/protocol";
import type { BoxSites, KeyAdmin, KeyFault, KeyListing, NewKey, Page, PageRequest } from "@gatepost/query";
import { pageOf } from "./page.ts";

/** Keys in memory. */
export class MemoryKeys implements KeyStore, KeyAdmin {
  readonly #clock: () => number;
  readonly #keys = new Map<string, { key: Key; listed: KeyListing; tokenHash: string }>();

  /** Which boxes are at a site. */
  sites: BoxSites = { boxesOf: async () => [] };

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async find(tokenHash: string): Promise<Key | null> {
    const found = this.#byToken(tokenHash);
    const isLive = found !== undefined && found.listed.revokedAt === null && !this.#isOver(found.key);
    if (!isLive) return null;
    const { site } = found.key;
    return site === undefined ? found.key : { ...found.key, boxes: await this.sites.boxesOf(site) };
  }

  async noteUse({ id }: Key): Promise<void> {
    const found = this.#keys.get(id);
    if (found !== undefined) found.listed.lastUsedAt = instant(this.#clock());
  }

  async create(key: NewKey): Promise<Key> {
    return this.#create(key);
  }

  async list(): Promise<KeyListing[]> {
    return [...this.#keys.values()].map(({ listed }) => ({ ...listed }));
  }

  async page(page: PageRequest): Promise<Page<KeyListing>> {
    return pageOf(
      (await this.list()).map((item, place) => ({ item, at: -place, id: item.id })),
      page,
    );
  }

  async faultOf(tokenHash: string): Promise<KeyFault> {
    const found = this.#byToken(tokenHash);
    if (found === undefined) return "unknown";
    if (found.listed.revokedAt !== null) return "revoked";
    return this.#isOver(found.key) ? "expired" : "unknown";
  }

  async revoke(id: string): Promise<boolean> {
    return this.#revoke(this.#keys.get(id)?.listed);
  }

  /** Makes a key and returns its token. */
  add(scope: Key["scope"], box: string | null, bounds: Pick<NewKey, "boxes" | "site" | "expiresAt"> = {}): string {
    const token = newToken(scope);
    this.#create({ scope, box, tokenHash: hashToken(token), ...bounds });
    return token;
  }

  revokeToken(token: string): void {
    this.#revoke(this.#byToken(hashToken(token))?.listed);
  }

  #byToken(tokenHash: string) {
    return [...this.#keys.values()].find((one) => one.tokenHash === tokenHash);
  }

  #isOver({ expiresAt }: Key): boolean {
    return expiresAt !== undefined && expiresAt <= this.#clock();
  }

  #create({ tokenHash, note, ...wanted }: NewKey): Key {
    const key = { id: `key_${this.#keys.size + 1}`, ...wanted };
    const { expiresAt, ...facts } = key;
    const listed: KeyListing = {
      ...facts,
      ...(note === undefined ? {} : { note }),
      ...(expiresAt === undefined ? {} : { expiresAt: instant(expiresAt) }),
      ...{ createdAt: instant(this.#clock()), lastUsedAt: null, revokedAt: null },
    };
    this.#keys.set(key.id, { key, listed, tokenHash });
    return key;
  }

  #revoke(key: KeyListing | undefined): boolean {
    if (key !== undefined) key.revokedAt ??= instant(this.#clock());
    return key !== undefined;
  }
}
