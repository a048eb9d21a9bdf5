import type { Page, PageRequest } from "@gatepost/store";

/** The roles of people, each of which may do all that the one before may. */
export const roles = ["guard", "manager", "administrator"] as const;

export type Role = (typeof roles)[number];

/** Whether a role includes another one. */
export function includes(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** What a person sees: the boxes of these sites and these boxes. Both null: every box. */
export interface Sight {
  sites: readonly string[] | null;
  boxes: readonly string[] | null;
}

/** A person who may sign in. */
export interface Account extends Sight {
  /** `acc_` and 18 hexadecimal digits. */
  id: string;
  /** Null until the person has opened the invitation, unless the inviting person gave a name. */
  name: string | null;
  /** Null if the company's provider, whose groups give the role, tells none. */
  email: string | null;
  role: Role;
  isDisabled: boolean;
  /** How the person signs in; null before the invitation was accepted. */
  with: "company" | "password" | null;
  /** Whether groups of the company's provider decide the role and the sites. */
  isByGroups: boolean;
  /** ms since 1970. */
  createdAt: number;
  /** ms since 1970, to some minutes; null before the first time. */
  lastSeenAt: number | null;
  /** When the open invitation ends, ms since 1970; null if there is none. */
  invitedUntil: number | null;
  /** Rises with each change that ends all sessions of the account. */
  epoch: number;
  /** The session that the last of these changes has left; null if it has left none. */
  keptSession: string | null;
  /** Rises each time the account is disabled, or has a lower role, or no group gives it one any more. */
  lowered: number;
  /** Since when it has had each role or a higher one, ms since 1970; for a role above its own the value means nothing. */
  since: Readonly<Record<Role, number>>;
}

/** Whether a session goes on, or what was made in it: by the epoch of the account that it began with. */
export function isOfNow(
  { isDisabled, epoch, keptSession }: Pick<Account, "isDisabled" | "epoch" | "keptSession">,
  begun: { session: string; epoch: number | undefined },
): boolean {
  return !isDisabled && (begun.epoch === epoch || begun.session === keptSession);
}

export interface NewAccount extends Sight {
  email: string;
  name: string | null;
  role: Role;
}

/** The changes that an administrator makes; an absent member stays. */
export type AccountChange = Partial<Sight & { name: string; role: Role; isDisabled: boolean }>;

/** A person as the provider of a company names one: `issuer` and `subject` together never change. */
export interface Identity {
  issuer: string;
  subject: string;
}

/** An accepted or open invitation. */
export interface Invitation {
  account: Account;
  /** The account that invites, or the key; null if it is not known. */
  by: string | null;
  /** ms since 1970. */
  expiresAt: number;
}

/** The result of a change that an account may not survive. */
export type Changed = "changed" | "unknown" | "last-administrator";

/** The accounts of people, by the ways in which routes use them. */
export interface AccountPorts {
  get(id: string): Promise<Account | null>;
  /** The names of accounts by their ids, also of removed accounts. */
  names(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  page(page: PageRequest): Promise<Page<Account>>;
}
