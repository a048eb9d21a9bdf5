import type { Items } from "@gatepost/store";
import type { KeyStore } from "../keys/index.ts";
import type { Log } from "../log/log.ts";
import { SignInTries, scryptPasswords } from "../passwords/index.ts";
import { Accounts } from "./accounts.ts";
import { Sessions } from "./sessions.ts";
import { SetupCodes } from "./setup.ts";

interface Deps {
  items: Items;
  keys: Pick<KeyStore, "find">;
  /** The boxes of a site. */
  sites: { boxesOf(site: string): Promise<readonly string[]> };
  log: Log;
  /** The time at which invitations and sessions end, ms since 1970. */
  clock(): number;
  /** The clock of the machine, by which tries wait and proofs are fresh, ms since 1970; `clock` if absent. It may go back. */
  machine?(): number;
}

/** The accounts of a store, their passwords and sessions, the codes of first links, and the failures to sign in. */
export function openAccounts({ items, keys, sites, log, clock, machine = clock }: Deps) {
  const accounts = new Accounts({ items, clock });
  const sessions = new Sessions({ items, accounts, keys, sites, log, clock, machine });
  return {
    accounts,
    passwords: scryptPasswords,
    sessions,
    setupCodes: new SetupCodes(items, clock),
    signInTries: new SignInTries(items, { clock, machine }),
  };
}
