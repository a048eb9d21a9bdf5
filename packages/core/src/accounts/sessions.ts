import { dayMs, hourMs, minuteMs } from "@gatepost/protocol";
import { absent, equals, type Items, type List, listOf, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { boxesSeen, hashToken, type Key, type KeyStore, keyIdOf } from "../keys/index.ts";
import type { Log } from "../log/log.ts";
import { RecordKind } from "../records/record-kind.ts";
import { type Account, isOfNow, type Sight } from "./account.ts";
import type { Accounts } from "./accounts.ts";
import { setupKey } from "./setup.ts";
import { hasSessionForm, newSessionToken } from "./tokens.ts";

/** ms after its last use at which a session ends, if its person does not stay signed in. */
export const idleMs = 12 * hourMs;

/** ms after its beginning at which a session ends in any case. */
export const longestMs = 30 * dayMs;

/** ms between two notes of the use of a session. */
const noteUseEveryMs = 5 * minuteMs;

/** A person counts as here for so many ms after the last noted use. */
export const hereMs = 2 * noteUseEveryMs;

/** ms after which the provider is asked again whether a person still belongs to the company. */
const confirmEveryMs = 15 * minuteMs;

/** ms for which a session is fresh after its person has proved who they are. Dear requests need a fresh one. */
export const freshMs = 15 * minuteMs;

/** Most sessions of an account that are listed. */
const maxListed = 100;

/** Most sessions of a key, because a program could begin any number. The oldest end first. */
const maxOfKey = 1000;

/**
 * `ses_ID`: a session; its id follows from the hash of its token. `account` is the account, the key or `setup`. It is live
 * while its account has the same `epoch` or keeps it, or while its key is, which `keyHash` finds.
 * `refresh` is the refresh token of the provider, encrypted by a key that follows from the cookie.
 */
const sessions = new RecordKind(
  "ses_",
  z.object({
    tokenHash: z.string(),
    account: z.string(),
    epoch: z.optional(z.int()),
    keyHash: z.optional(z.string()),
    with: z.enum(["company", "password", "passkey", "key", "setup"]),
    stays: z.optional(z.literal(1)),
    startedAt: z.number(),
    usedAt: z.number(),
    /** When the person proved last who they are, ms, if that was not at `startedAt`; 0 if it is not known. */
    authTime: z.optional(z.number()),
    /** Whether that was by a factor beside the password. */
    byFactor: z.optional(z.literal(1)),
    /** Whether it began with a link, by which a person may add a first factor after the days for that, too. */
    byLink: z.optional(z.literal(1)),
    agent: z.optional(z.string()),
    refresh: z.optional(z.string()),
    /** When the provider was asked last, and when it answered last, ms. */
    askedAt: z.optional(z.number()),
    confirmedAt: z.optional(z.number()),
  }),
);

/** The user of a session: a person, or a key; `setup` for the user of a first link. */
type User =
  | { account: Account; key: null; with: "company" | "password" | "passkey" }
  | { account: null; key: Key; with: "key" | "setup" };

const ofAccount = (id: string): List => ({ index: "byBox", name: listOf("sessions", id) });

/** A live session. Times are ms since 1970. */
export type Session = User & {
  /** `ses_` and 18 hexadecimal digits. */
  id: string;
  tokenHash: string;
  /** The hash of the token of its key; null for a person and for `setup`. */
  keyHash: string | null;
  /** The boxes that the user sees now, each once; null for every box. */
  boxes: readonly string[] | null;
  /** Whether it lasts 30 days without use. */
  stays: boolean;
  startedAt: number;
  usedAt: number;
  expiresAt: number;
  /** When the person proved last who they are; 0 if it is not known. */
  authTime: number;
  /** Whether that was by a factor beside the password. */
  isByFactor: boolean;
  /** Whether it began with a link of an administrator. */
  isByLink: boolean;
  /** The browser, as it named itself. */
  agent: string | null;
  /** Of the provider; null for another way. */
  company: { refresh: string | null; askedAt: number; confirmedAt: number } | null;
};

export type NewSession =
  /**
   * `provedAt`: when the person has used a factor, ms or now; absent: the password alone was given now. `isByLink`: the password
   * was chosen now, by a link of an administrator.
   */
  (
    | { account: Account; with: "password"; provedAt?: number | "now"; isByLink?: boolean }
    | { account: Account; with: "passkey" }
    /** `authTime`: when the provider has made the person prove who they are, ms; 0 if it does not tell. */
    | { account: Account; with: "company"; authTime: number }
    | { account: null; key: Key; with: "setup" }
    | { account: null; key: Key; keyHash: string; with: "key" }
  ) & {
    stays: boolean;
    /** Encrypts the refresh token by the token of the session, if there is one. */
    refreshFor?: (token: string) => string;
  };

interface Deps {
  items: Items;
  accounts: Pick<Accounts, "get" | "noteSeen">;
  keys: Pick<KeyStore, "find">;
  /** The boxes of a site. */
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  log: Log;
  /** The time at which sessions end, ms since 1970. */
  clock(): number;
  /** The clock of the machine: proofs are fresh by it, also while `clock` stands still, after it was set back. */
  machine(): number;
}

/** Sessions of people in browsers. Nothing is cached: an ended session is refused at once. */
export class Sessions {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Begins a session. Only the answer contains its token. */
  async begin(asked: NewSession & { agent: string | null }): Promise<{ id: string; token: string }> {
    const { account, with: way, stays, agent, refreshFor } = asked;
    const by = userOf(asked);
    const token = newSessionToken();
    const tokenHash = hashToken(token);
    const now = this.#deps.clock();
    const id = idOf(tokenHash);
    const authTime = provedAt(asked, this.#deps.machine());
    const placed = { byBox: ofAccount(by).name, at: placeAt(now, id), ttl: ttlAt(now + longestMs) };
    await this.#deps.items.write(
      sessions.record(
        sessions.id(id),
        {
          tokenHash,
          account: by,
          with: way,
          startedAt: now,
          usedAt: now,
          ...placed,
          epoch: account?.epoch,
          keyHash: asked.with === "key" ? asked.keyHash : null,
          stays: stays ? 1 : null,
          agent: agent?.slice(0, 200),
          authTime: authTime === now ? null : authTime,
          ...(asked.with === "password" && asked.provedAt !== undefined && { byFactor: 1 as const }),
          byLink: asked.with === "password" && asked.isByLink === true ? 1 : null,
          ...(asked.with === "passkey" && { byFactor: 1 as const }),
          ...(asked.with === "company" && { askedAt: now, confirmedAt: now }),
          refresh: refreshFor?.(token),
        },
        absent(),
      ),
    );
    if (account === null) await this.endAllOf(by, { kept: maxOfKey });
    else await this.#deps.accounts.noteSeen(account, now);
    return { id, token };
  }

  /** The live session of a token; null if there is none. Writes nothing. */
  async find(tokenHash: string): Promise<Session | null> {
    const item = await this.#deps.items.get(idOf(tokenHash));
    if (item === null) return null;
    const stored = sessions.read(item);
    return stored.tokenHash === tokenHash ? this.#live(idOf(tokenHash), stored) : null;
  }

  /** The same for a token. A text of another form is not looked up. */
  findByToken(token: string): Promise<Session | null> {
    return hasSessionForm(token) ? this.find(hashToken(token)) : Promise.resolve(null);
  }

  /** The hash of the key of a session, also of one that has ended with its key; null if it has none. */
  async keyHashOf(token: string): Promise<string | null> {
    const tokenHash = hashToken(token);
    const item = hasSessionForm(token) ? await this.#deps.items.get(idOf(tokenHash)) : null;
    const stored = item === null ? null : sessions.read(item);
    return stored?.tokenHash === tokenHash ? (stored.keyHash ?? null) : null;
  }

  /** Notes from time to time that a session was used. Never throws: a failure is logged, and the session continues. */
  async noteUse({ id, usedAt, account }: Session): Promise<void> {
    const now = this.#deps.clock();
    if (Math.abs(now - usedAt) < noteUseEveryMs) return;
    try {
      await this.#change(id, { usedAt: now });
      if (account !== null) await this.#deps.accounts.noteSeen(account, now);
    } catch (cause) {
      this.#deps.log.warn("could not note the use of a session", { cause, id });
    }
  }

  /** Whether the provider has to be asked again about the person of a session. */
  isDue({ company }: Session): boolean {
    return company?.refresh != null && this.#deps.clock() - company.askedAt >= confirmEveryMs;
  }

  /** Notes that the provider is being asked. False if another request does so already. */
  async ask({ id, company }: Session): Promise<boolean> {
    const when = equals("askedAt", company?.askedAt ?? 0);
    const change = sessions.change(sessions.id(id), { set: { askedAt: this.#deps.clock() }, when });
    return (await this.#deps.items.write(change)).applied;
  }

  /** Notes that the provider has confirmed the person, with the encrypted refresh token that it gave. */
  async confirm({ id }: Session, refresh: string): Promise<void> {
    await this.#change(id, { confirmedAt: this.#deps.clock(), refresh });
  }

  /** Keeps the next encrypted refresh token of a provider that has not confirmed the person. */
  async keepRefresh({ id }: Session, refresh: string): Promise<void> {
    await this.#change(id, { refresh });
  }

  /** Whether the person proved within the last 15 minutes who they are. */
  isFresh({ authTime }: Session): boolean {
    return Math.abs(this.#deps.machine() - authTime) < freshMs;
  }

  /** Notes that the person of a session proved who they are, at a time (ms). False if the account has no such session. */
  async prove(
    id: string,
    account: string,
    { at: authTime = this.#deps.machine(), isByFactor = false }: { at?: number; isByFactor?: boolean } = {},
  ): Promise<boolean> {
    const set = { authTime, byFactor: isByFactor ? (1 as const) : null };
    const change = sessions.change(sessions.id(id), { set, when: equals("account", account) });
    return isSessionId(id) && (await this.#deps.items.write(change)).applied;
  }

  /** The live sessions of an account, the newest first, at most 100. */
  async of(account: string): Promise<Session[]> {
    const live: Session[] = [];
    for await (const { pk, item } of this.#deps.items.list({ lists: [ofAccount(account)], order: "descending" })) {
      const session = await this.#live(pk, sessions.read(item));
      if (session !== null) live.push(session);
      if (live.length === maxListed) break;
    }
    return live;
  }

  /** Ends the sessions of a key or of `setup`, except the newest. An account ends its sessions by `epoch`. */
  async endAllOf(user: string, { kept } = { kept: 0 }): Promise<void> {
    let count = 0;
    for await (const { pk } of this.#deps.items.entries({ lists: [ofAccount(user)], order: "descending" })) {
      count += 1;
      if (count > kept) await this.end(pk, user);
    }
  }

  /** Ends a session of an account. False if the account has no such session. */
  async end(id: string, account: string): Promise<boolean> {
    return isSessionId(id) && (await this.#deps.items.remove(id, equals("account", account))) !== null;
  }

  /** The account of a session; null if there is no such session. */
  async accountOf(id: string): Promise<string | null> {
    const item = isSessionId(id) ? await this.#deps.items.get(id) : null;
    return item === null ? null : sessions.read(item).account;
  }

  async #live(id: string, stored: ReturnType<typeof sessions.read>): Promise<Session | null> {
    const { tokenHash, startedAt, usedAt, agent = null, askedAt, confirmedAt, refresh = null } = stored;
    const stays = stored.stays === 1;
    const end = startedAt + (stored.with === "setup" ? idleMs : longestMs);
    const expiresAt = stays ? end : Math.min(end, usedAt + idleMs);
    if (expiresAt <= this.#deps.clock()) return null;
    const user = await this.#user(id, stored);
    if (user === null) return null;
    const company = askedAt === undefined || confirmedAt === undefined ? null : { refresh, askedAt, confirmedAt };
    const boxes = user.account === null ? boxesSeen(user.key) : await boxesSeenBy(user.account, this.#deps.sites);
    const times = { startedAt, usedAt, expiresAt, authTime: stored.authTime ?? startedAt };
    const proved = { ...times, isByFactor: stored.byFactor === 1, isByLink: stored.byLink === 1 };
    return { ...user, id, tokenHash, keyHash: stored.keyHash ?? null, boxes, stays, ...proved, agent, company };
  }

  /** The user of a session as of now; null if the session has ended with the account or the key. */
  async #user(session: string, stored: ReturnType<typeof sessions.read>): Promise<User | null> {
    const { account: by, epoch, keyHash, with: way } = stored;
    if (way === "setup") return { account: null, key: setupKey, with: way };
    if (way === "key") {
      const key = keyHash === undefined ? null : await this.#deps.keys.find(keyHash);
      return key === null ? null : { account: null, key, with: way };
    }
    const account = await this.#deps.accounts.get(by);
    if (account === null || !isOfNow(account, { session, epoch })) return null;
    return { account, key: null, with: way };
  }

  async #change(id: string, set: { usedAt: number } | { confirmedAt?: number; refresh: string }): Promise<void> {
    await this.#deps.items.write(sessions.change(sessions.id(id), { set, when: present() }));
  }
}

/** The id by which the audit log and lists name the user of a session. */
export function userOf(user: User | NewSession): string {
  return user.account === null ? user.key.id : user.account.id;
}

/** The boxes that a person sees now, each once; null for every box. */
export async function boxesSeenBy({ sites, boxes }: Sight, known: Deps["sites"]): Promise<readonly string[] | null> {
  if (sites === null && boxes === null) return null;
  const ofSites = await Promise.all((sites ?? []).map((site) => known.boxesOf(site)));
  return [...new Set([...ofSites.flat(), ...(boxes ?? [])])];
}

/** When the person of a new session has proved who they are, ms. */
function provedAt(asked: NewSession, now: number): number {
  if (asked.with === "company") return Math.min(now, asked.authTime);
  return asked.with === "password" && typeof asked.provedAt === "number" ? asked.provedAt : now;
}

function idOf(tokenHash: string): string {
  return sessions.pk(keyIdOf(tokenHash).slice("key_".length));
}

function isSessionId(id: string): boolean {
  return /^ses_[0-9a-f]{18}$/.test(id);
}
