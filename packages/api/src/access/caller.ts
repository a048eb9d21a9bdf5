import type { Account, Session } from "@gatepost/core/accounts";
import { boxesSeen, type Key } from "@gatepost/core/keys";

/** Who asks, from where, and what this caller sees. */
export interface Caller {
  /** `key_…`, `acc_…` or `setup`: the audit log, jobs and actions name the caller by it. */
  id: string;
  /** Null for a person who has signed in. */
  key: Key | null;
  /** Null for a key. */
  account: Account | null;
  /** Null for a key that each request sends. */
  session: Session | null;
  /** SHA-256 (hex) of the token of the key or session, for which tickets are issued. */
  tokenHash: string;
  /** Whether it is an admin key or the account of an administrator. */
  isAdministrator: boolean;
  /** The boxes that the caller sees, each once; null for every box. */
  boxes: readonly string[] | null;
  /** The sites that decide `boxes`, which change: jobs keep them. */
  sites: readonly string[];
  /** The address of the client; empty if it is unknown. */
  address: string;
  isHttps: boolean;
  /** Whether headers claim https, even if the proxy is not trusted. */
  saysHttps: boolean;
  /** The origin of the public address of the server, if one is set. */
  origin: string | null;
  /** The path of the public address, as `/gate`; empty if it has none. */
  basePath: string;
}

/** The address of a client, and the one by which it reaches the server. */
export type From = Pick<Caller, "address" | "isHttps" | "saysHttps" | "origin" | "basePath">;

export function callerWithKey(key: Key, tokenHash: string, from: From): Caller {
  return {
    id: key.id,
    key,
    account: null,
    session: null,
    tokenHash,
    ...from,
    isAdministrator: key.scope === "admin",
    boxes: boxesSeen(key),
    sites: key.site === undefined ? [] : [key.site],
  };
}

/** Who opens a link to one page, as a phone does: it sees the boxes that the maker of the link sees. */
export function callerWithLink({ id, boxes }: Pick<Caller, "id" | "boxes">, tokenHash: string, from: From): Caller {
  return { id, key: null, account: null, session: null, tokenHash, boxes, ...from, isAdministrator: false, sites: [] };
}

export function callerWithSession(session: Session, from: From): Caller {
  const { account, tokenHash, boxes } = session;
  if (account === null) return { ...callerWithKey(session.key, tokenHash, from), session };
  return {
    id: account.id,
    key: null,
    account,
    session,
    tokenHash,
    boxes,
    ...from,
    isAdministrator: account.role === "administrator",
    sites: account.sites ?? [],
  };
}
