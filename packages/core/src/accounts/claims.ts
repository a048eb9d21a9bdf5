import { absent, any, equals, type Rows } from "@gatepost/store";
import type { Account, Identity } from "./account.ts";
import { accountIn, emailKey, emails, identities, identityKey, readAccount, type StoredAccount } from "./record.ts";

/** An e-mail address, or a person of a provider: one account alone has it. */
interface Claim {
  kind: typeof emails | typeof identities;
  key: string;
  isOf(stored: StoredAccount): boolean;
}

export function claimOfEmail(email: string): Claim {
  const key = emailKey(email);
  const isOf = (stored: StoredAccount) => stored.email !== undefined && emailKey(stored.email) === key;
  return { kind: emails, key, isOf };
}

export function claimOfIdentity({ issuer, subject }: Identity): Claim {
  const isOf = (stored: StoredAccount) => stored.issuer === issuer && stored.subject === subject;
  return { kind: identities, key: identityKey({ issuer, subject }), isOf };
}

/** The records of addresses and identities. One whose account does not have it, as after a crash, is free. */
export class Claims {
  readonly #items: Rows;

  constructor(items: Rows) {
    this.#items = items;
  }

  /** The account that has an address or identity. */
  async owner({ kind, key, isOf }: Claim): Promise<{ account: Account; stored: StoredAccount } | null> {
    const item = await this.#items.get(kind.pk(key));
    if (item === null) return null;
    const id = kind.read(item).account;
    const stored = await readAccount(id, this.#items);
    const account = stored === null ? null : accountIn(id, stored);
    return stored !== null && account !== null && isOf(stored) ? { account, stored } : null;
  }

  /**
   * Gives an address or identity to an account, whose record exists already: else another one could take it over as
   * left by a crash. False if another account has it.
   */
  async take(claim: Claim, id: string): Promise<boolean> {
    const { kind, key } = claim;
    const item = await this.#items.get(kind.pk(key));
    if (item !== null && kind.read(item).account !== id && (await this.owner(claim)) !== null) return false;
    const before = item === null ? absent() : equals("account", kind.read(item).account);
    const { applied } = await this.#items.write(kind.record(key, { account: id }, any(before, equals("account", id))));
    return applied;
  }

  /** Lets others take an address or identity that an account had. */
  async leave({ kind, key }: Claim, id: string): Promise<void> {
    await this.#items.remove(kind.pk(key), equals("account", id));
  }
}
