import { dayMs } from "@gatepost/protocol";
import {
  absent,
  all,
  any,
  equals,
  type Items,
  not,
  type Page,
  type PageRequest,
  placeAt,
  present,
  type Range,
  readListPage,
  sizeOfItem,
  ttlAt,
} from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import { hashToken } from "../keys/token.ts";
import {
  type Account,
  type AccountChange,
  type AccountPorts,
  type Changed,
  type Identity,
  type Invitation,
  includes,
  type NewAccount,
  type Role,
} from "./account.ts";
import { Administrators } from "./administrators.ts";
import { Claims, claimOfEmail, claimOfIdentity } from "./claims.ts";
import {
  accountIn,
  accountList,
  accounts,
  endingSessions,
  invitations,
  isAccountId,
  joinedAt,
  newAccountId,
  raised,
  readAccount,
  type StoredAccount,
  storedSight,
} from "./record.ts";
import { newInvitationToken } from "./tokens.ts";

/** ms for which an invitation is open. */
export const invitationMs = 7 * dayMs;

/** ms for which the name of a removed account is kept: as long as an entry of the audit log that may name it. */
const nameKeptMs = 3 * 366 * dayMs;

const everyAccount: Range = { lists: [accountList], order: "ascending" };

const noSuchInvitation = new GatepostError("gone", "this link was used, or has ended; ask for a new one", {
  code: "used",
});

interface Deps {
  items: Items;
  /** The time at which invitations end, ms since 1970. */
  clock(): number;
}

/** Accounts of people. Sessions are apart from them, and end with a change of `epoch`. */
export class Accounts implements AccountPorts {
  readonly #items: Items;
  readonly #clock: () => number;
  readonly #administrators: Administrators;
  readonly #claims: Claims;

  constructor({ items, clock }: Deps) {
    this.#items = items;
    this.#clock = clock;
    this.#administrators = new Administrators(items);
    this.#claims = new Claims(items);
  }

  /** Null if there is no such account, or it was removed. */
  async get(id: string): Promise<Account | null> {
    const stored = await readAccount(id, this.#items);
    return stored === null ? null : accountIn(id, stored);
  }

  async names(asked: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const found = await this.#items.getAll([...new Set(asked)].filter(isAccountId));
    return new Map(
      [...found].map(([id, item]) => {
        // A record that cannot be read keeps no entry of the audit log from being shown.
        const { name, email } = accounts.readable(item) ?? {};
        return [id, name ?? email ?? id];
      }),
    );
  }

  async page(request: PageRequest): Promise<Page<Account>> {
    const { items, next } = await readListPage(this.#items, everyAccount, request, ({ pk, item }) => ({
      value: accountIn(pk, accounts.read(item)),
      bytes: sizeOfItem(item),
    }));
    return { items: items.filter((one) => one !== null), next };
  }

  /** Whether an account exists. One that was made within the last second may be missing on AWS. */
  async isAny(): Promise<boolean> {
    return (await this.page({ limit: 1, cursor: null })).items.length > 0;
  }

  /** The names of the administrators who can sign in, at most five. */
  async administratorNames(): Promise<string[]> {
    const ids = (await this.#administrators.ids()).slice(0, 5);
    return [...(await this.names(ids)).values()];
  }

  /** The account of an e-mail address, with the hash of its password; null if none has the address. */
  async byEmail(email: string): Promise<{ account: Account; password: string | null } | null> {
    const found = await this.#claims.owner(claimOfEmail(email));
    return found === null ? null : { account: found.account, password: found.stored.password ?? null };
  }

  /** The account of a person of a provider; null if there is none. It never goes by the e-mail address. */
  async byIdentity(identity: Identity): Promise<Account | null> {
    const found = await this.#claims.owner(claimOfIdentity(identity));
    return found?.account ?? null;
  }

  /**
   * Makes an account, and an invitation to it. Throws 409 if another account has the address.
   *
   * @param by the account or key that invites
   */
  async create(asked: NewAccount, by: string): Promise<{ id: string; token: string; expiresAt: number }> {
    const id = newAccountId();
    await this.#items.write(accounts.record(accounts.id(id), this.#newRecord(id, asked), absent()));
    if (!(await this.#claims.take(claimOfEmail(asked.email), id))) {
      await this.#items.remove(id);
      throw emailTaken();
    }
    return { id, ...(await this.#invite(id, by)) };
  }

  /** Makes the first administrator, with a password as its hash. Throws 409 if there is an administrator. */
  async createFirst({ email, name, password }: { email: string; name: string; password: string }): Promise<Account> {
    const id = newAccountId();
    const role = "administrator";
    const record = { ...this.#newRecord(id, { email, name, role, sites: null, boxes: null }), password };
    await this.#items.write(accounts.record(accounts.id(id), record, absent()));
    const hasAddress = await this.#claims.take(claimOfEmail(email), id);
    if (hasAddress && (await this.#administrators.addFirst(id))) {
      const made = await this.get(id);
      if (made !== null) return made;
    }
    await this.#items.remove(id);
    if (!hasAddress) throw emailTaken();
    await this.#claims.leave(claimOfEmail(email), id);
    throw new GatepostError("conflict", "there is an administrator already: sign in, or let that person invite you", {
      code: "administrator",
    });
  }

  /** Makes the account of a person whose groups give a role. The person signs in by the provider alone. */
  async createByGroups(
    asked: Omit<NewAccount, "email"> & Pick<Account, "email">,
    identity: Identity,
  ): Promise<Account> {
    const id = newAccountId();
    const record = { ...this.#newRecord(id, asked), ...identity, byGroups: 1 as const };
    await this.#items.write(accounts.record(accounts.id(id), record, absent()));
    if (!(await this.#claims.take(claimOfIdentity(identity), id))) {
      await this.#items.remove(id);
      throw new GatepostError("conflict", "this person has an account already; sign in again");
    }
    if (asked.role === "administrator") await this.#administrators.add(id);
    const made = await this.get(id);
    if (made === null) throw new Error("the account was removed while it was made");
    return made;
  }

  /**
   * Makes a new link for an account, and ends the earlier link, the password, the identity and all sessions. It enables
   * a disabled account, which `enabled` says. Null if there is no such account.
   */
  async invite(id: string, by: string): Promise<{ token: string; expiresAt: number; enabled: boolean } | null> {
    const account = await this.get(id);
    return account === null ? null : { ...(await this.#invite(id, by)), enabled: account.isDisabled };
  }

  /** The open invitation of a token. Throws 410 if it was used, replaced, or has ended. */
  async invitation(token: string): Promise<Invitation> {
    const { id, stored } = await this.#invited(token);
    const account = accountIn(id, stored);
    if (account?.invitedUntil == null) throw noSuchInvitation;
    return { account, by: stored.invitedBy ?? null, expiresAt: account.invitedUntil };
  }

  /**
   * Takes an invitation, which works once, with a password (as its hash) or an identity. Throws 410, or 409 if the account
   * has no e-mail address that it alone has, by which a person with a password signs in.
   */
  async accept(token: string, by: { name: string | null } & ({ password: string } | Identity)): Promise<Account> {
    const { id, stored } = await this.#invited(token);
    const isOfCompany = "issuer" in by;
    if (isOfCompany && !(await this.#claims.take(claimOfIdentity(by), id))) {
      throw new GatepostError("conflict", "this person of the company has another account here; sign in with it");
    }
    if (!isOfCompany && !(await this.#claimEmail(id, stored))) {
      throw new GatepostError(
        "conflict",
        "this account has no e-mail address that it alone has; continue with the company",
      );
    }
    const way = isOfCompany ? { issuer: by.issuer, subject: by.subject } : { password: by.password };
    const { applied } = await this.#items.write(
      endingSessions(id, {
        set: { name: by.name ?? stored.name, ...way, joinedAt: joinedAt(stored, this.#clock()) },
        remove: invitation,
        when: equals("inviteHash", hashToken(token)),
      }),
    );
    if (!applied) throw noSuchInvitation;
    await this.#items.remove(invitations.pk(hashToken(token)));
    const account = await this.get(id);
    if (account === null) throw noSuchInvitation;
    if (account.role === "administrator") await this.#administrators.add(id);
    return account;
  }

  /** Sets the password of an account, as its hash, and ends its sessions. False if it does not have the former one. */
  async setPassword(id: string, former: string, password: string): Promise<boolean> {
    const change = endingSessions(id, { set: { password }, when: equals("password", former) });
    return (await this.#items.write(change)).applied;
  }

  /** Changes an account. A change of the role, the sight or `isDisabled` ends its sessions; disabling ends its link. */
  async change(id: string, asked: AccountChange): Promise<Changed> {
    const before = await this.get(id);
    if (before === null) return "unknown";
    const { role, isDisabled } = { ...before, ...asked };
    const canAdminister = role === "administrator" && !isDisabled;
    if (!canAdminister && !(await this.#administrators.leave(id))) return "last-administrator";
    const sight = asked.role === "administrator" ? { ...asked, sites: null, boxes: null } : asked;
    const isLowered = (isDisabled && !before.isDisabled) || !includes(role, before.role);
    const add = isLowered ? { lowered: 1 } : {};
    const given = { ...changeOf(before.role, sight, this.#clock()), add, when: isThere };
    const change = isOfSessions(asked) ? endingSessions(id, given) : accounts.change(accounts.id(id), given);
    if (!(await this.#items.write(change)).applied) return "unknown";
    if (canAdminister && before.with !== null) await this.#administrators.add(id);
    return "changed";
  }

  /** Removes an account, and ends its sessions. Its name stays for the audit log. */
  async remove(id: string): Promise<Changed> {
    const stored = await readAccount(id, this.#items);
    if (stored === null || accountIn(id, stored) === null) return "unknown";
    if (!(await this.#administrators.leave(id))) return "last-administrator";
    const removedAt = this.#clock();
    const { email, issuer, subject, name = email } = stored;
    const { applied } = await this.#items.write(
      endingSessions(id, {
        set: { removedAt, name, ttl: ttlAt(removedAt + nameKeptMs) },
        remove: [...ways, "email", "sites", "boxes", "byTime", "at"],
        when: isThere,
      }),
    );
    if (email !== undefined) await this.#claims.leave(claimOfEmail(email), id);
    if (issuer !== undefined && subject !== undefined)
      await this.#claims.leave(claimOfIdentity({ issuer, subject }), id);
    return applied ? "changed" : "unknown";
  }

  /** Ends all sessions of an account. False if there is no such account. */
  async endSessions(id: string): Promise<boolean> {
    const change = endingSessions(id, { when: isThere });
    return isAccountId(id) && (await this.#items.write(change)).applied;
  }

  /**
   * Ends all sessions of an account but a live one, also if that one does so several times at once. False if it has ended
   * meanwhile: then it ends none, as another one that has ended it goes on.
   */
  async endOtherSessions(kept: string, { id, epoch }: Account): Promise<boolean> {
    const when = all(isThere, any(equals("epoch", epoch), equals("keptSession", kept)));
    const change = endingSessions(id, { when }, kept);
    return (await this.#items.write(change)).applied;
  }

  /** Ends all sessions of an account whose groups give no role any more, unless it is the last administrator. */
  async endSessionsByProvider(id: string): Promise<Changed> {
    const ids = await this.#administrators.ids();
    if (ids.length === 1 && ids[0] === id) return "last-administrator";
    const change = endingSessions(id, { add: { lowered: 1 }, when: isThere });
    return (await this.#items.write(change)).applied ? "changed" : "unknown";
  }

  /** The person of a provider to whom an account belongs; null for an account with a password. */
  async identityOf(id: string): Promise<Identity | null> {
    const { issuer, subject } = (await readAccount(id, this.#items)) ?? {};
    return issuer === undefined || subject === undefined ? null : { issuer, subject };
  }

  /** Notes when a person was here last, ms. An administrator counts as one who can sign in. */
  async noteSeen({ id, role }: Account, at: number): Promise<void> {
    await this.#items.write(accounts.change(accounts.id(id), { set: { lastSeenAt: at }, when: isThere }));
    if (role === "administrator") await this.#administrators.add(id);
  }

  #newRecord(id: string, { email, name, role, sites, boxes }: Omit<NewAccount, "email"> & Pick<Account, "email">) {
    const createdAt = this.#clock();
    const placed = { byTime: accountList.name, at: placeAt(createdAt, id) };
    return { role, createdAt, epoch: 1, email, ...placed, name, ...storedSight({ sites, boxes }) };
  }

  async #invite(id: string, by: string): Promise<{ token: string; expiresAt: number }> {
    const token = newInvitationToken();
    const expiresAt = this.#clock() + invitationMs;
    const inviteHash = hashToken(token);
    await this.#items.write(invitations.record(inviteHash, { account: id, ttl: ttlAt(expiresAt) }, absent()));
    const change = endingSessions(id, {
      set: { inviteHash, invitedBy: by, invitedUntil: expiresAt },
      remove: ["password", "issuer", "subject", "byGroups", "disabledAt"],
      when: isThere,
    });
    if (!(await this.#items.write(change)).applied) throw new GatepostError("not-found", "there is no such account");
    return { token, expiresAt };
  }

  async #invited(token: string): Promise<{ id: string; stored: StoredAccount }> {
    const tokenHash = hashToken(token);
    const item = await this.#items.get(invitations.pk(tokenHash));
    const id = item === null ? "" : invitations.read(item).account;
    const stored = await readAccount(id, this.#items);
    const isOpen = stored?.inviteHash === tokenHash && (stored.invitedUntil ?? 0) > this.#clock();
    if (stored === null || !isOpen || stored.removedAt !== undefined) throw noSuchInvitation;
    return { id, stored };
  }

  /** Gives an account by groups its address, of which it had no need. False if it has none, or another account has it. */
  async #claimEmail(id: string, { email }: StoredAccount): Promise<boolean> {
    return email !== undefined && this.#claims.take(claimOfEmail(email), id);
  }
}

function emailTaken(): GatepostError {
  return new GatepostError("conflict", "another account has this e-mail address; invite it again instead", {
    code: "email-taken",
  });
}

function isOfSessions({ role, sites, boxes, isDisabled }: AccountChange): boolean {
  return [role, sites, boxes, isDisabled].some((given) => given !== undefined);
}

/** The attributes that a change sets and removes. */
function changeOf(before: Role, { name, role, sites, boxes, isDisabled }: AccountChange, now: number) {
  const disabledAt = isDisabled === undefined ? undefined : isDisabled ? now : null;
  return {
    set: { name, role, disabledAt, ...storedSight({ sites, boxes }), ...raised(before, role ?? before, now) },
    remove: isDisabled === true ? invitation : [],
  };
}

const invitation = ["inviteHash", "invitedBy", "invitedUntil"] as const;

const ways = ["password", "issuer", "subject", "byGroups", ...invitation] as const;

const isThere = all(present(), not(present("removedAt")));
