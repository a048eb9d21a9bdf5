import { hash, randomBytes } from "node:crypto";
import { storedJson } from "@gatepost/protocol";
import type { Change, List, Rows } from "@gatepost/store";
import * as z from "zod/mini";
import { RecordKind } from "../records/record-kind.ts";
import { type Account, type Identity, includes, type Role, roles, type Sight } from "./account.ts";

const ids = storedJson(z.array(z.string()));

/**
 * `acc_ID`: an account. `epoch` rises with each change that ends its sessions; `keptSession` continues. A removed account
 * keeps its name, because the audit log names it for three years.
 */
export const accounts = new RecordKind(
  "acc_",
  z.object({
    name: z.optional(z.string()),
    email: z.optional(z.string()),
    role: z.enum(roles),
    sites: z.optional(ids),
    boxes: z.optional(ids),
    createdAt: z.number(),
    epoch: z.int(),
    keptSession: z.optional(z.string()),
    lowered: z.optional(z.int()),
    /** When its first invitation was accepted, and when it was raised to a role, ms. */
    joinedAt: z.optional(z.number()),
    managerAt: z.optional(z.number()),
    administratorAt: z.optional(z.number()),
    disabledAt: z.optional(z.number()),
    removedAt: z.optional(z.number()),
    lastSeenAt: z.optional(z.number()),
    /** The hash of the password, with its salt and parameters. */
    password: z.optional(z.string()),
    issuer: z.optional(z.string()),
    subject: z.optional(z.string()),
    byGroups: z.optional(z.literal(1)),
    /** The open invitation: SHA-256 (hex) of its token, who invites, and its end. */
    inviteHash: z.optional(z.string()),
    invitedBy: z.optional(z.string()),
    invitedUntil: z.optional(z.number()),
  }),
);

export type StoredAccount = ReturnType<typeof accounts.read>;

/** A change of an account that ends all its sessions, except `kept`. */
export function endingSessions(
  id: string,
  { set, add, ...rest }: Parameters<typeof accounts.change>[1],
  kept: string | null = null,
): Change {
  return accounts.change(accounts.id(id), { ...rest, set: { ...set, keptSession: kept }, add: { ...add, epoch: 1 } });
}

/** All accounts that are not removed, by the time at which they were made. */
export const accountList: List = { index: "byTime", name: "accounts" };

/**
 * `account-email HASH` and `account-identity HASH`: the account that an e-mail address or an identity belongs to. The
 * record counts only while its account has that address or identity, so one that a crash has left blocks nothing.
 */
export const emails = new RecordKind("account-email ", z.object({ account: z.string() }));
export const identities = new RecordKind("account-identity ", z.object({ account: z.string() }));

/** `invitation HASH`: the account that a link invites. It expires with the invitation. */
export const invitations = new RecordKind("invitation ", z.object({ account: z.string() }));

/** `administrators`: the ids of the administrators who can sign in. A change of it never leaves none. */
export const administrators = new RecordKind("administrators", z.object({ ids, rev: z.int() }));

/** Null if there is no such account. One that was removed is there for its name. */
export async function readAccount(id: string, items: Rows): Promise<StoredAccount | null> {
  const item = isAccountId(id) ? await items.get(id) : null;
  return item === null ? null : accounts.read(item);
}

export function isAccountId(id: string): boolean {
  return /^acc_[0-9a-f]{18}$/.test(id);
}

export function newAccountId(): string {
  return accounts.pk(randomBytes(9).toString("hex"));
}

/** The attributes of what a person sees. Undefined members stay undefined. */
export function storedSight({ sites, boxes }: { [Name in keyof Sight]?: Sight[Name] | undefined }) {
  return { sites: sites && JSON.stringify(sites), boxes: boxes && JSON.stringify(boxes) };
}

/** Addresses that differ only in case or form of their letters belong to one account. */
export function emailKey(email: string): string {
  return hash("sha256", email.normalize("NFKC").toLowerCase());
}

export function identityKey({ issuer, subject }: Identity): string {
  return hash("sha256", JSON.stringify([issuer, subject]));
}

/** The account in its record; null if it was removed. */
export function accountIn(id: string, stored: StoredAccount): Account | null {
  const { name = null, email = null, role, sites = null, boxes = null, createdAt, epoch, lowered = 0 } = stored;
  if (stored.removedAt !== undefined) return null;
  const invitedUntil = stored.inviteHash === undefined ? null : (stored.invitedUntil ?? null);
  const by = stored.issuer === undefined ? null : "company";
  return {
    id,
    name,
    email,
    role,
    sites,
    boxes,
    createdAt,
    epoch,
    lowered,
    keptSession: stored.keptSession ?? null,
    invitedUntil,
    isDisabled: stored.disabledAt !== undefined,
    with: stored.password === undefined ? by : "password",
    isByGroups: stored.byGroups === 1,
    lastSeenAt: stored.lastSeenAt ?? null,
    since: sinceOf(stored),
  };
}

function sinceOf({ createdAt, joinedAt: guard = createdAt, managerAt = 0, administratorAt = 0 }: StoredAccount) {
  return { guard, manager: Math.max(guard, managerAt), administrator: Math.max(guard, administratorAt) };
}

/** When an account whose link is accepted has joined: at its first one, which a new link does not change. */
export function joinedAt({ joinedAt: known, lastSeenAt, createdAt }: StoredAccount, now: number): number {
  return known ?? (lastSeenAt === undefined ? now : createdAt);
}

/** The times that a change of the role sets: a role that the account had already keeps its time. */
export function raised(before: Role, role: Role, now: number) {
  const at = (one: Role) => (includes(role, one) && !includes(before, one) ? now : undefined);
  return { managerAt: at("manager"), administratorAt: at("administrator") };
}
