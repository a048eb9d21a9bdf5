export {
  type Account,
  type AccountChange,
  type AccountPorts,
  type Changed,
  type Identity,
  type Invitation,
  includes,
  isOfNow,
  type NewAccount,
  type Role,
  roles,
  type Sight,
} from "./account.ts";
export { Accounts, invitationMs } from "./accounts.ts";
export type { FileMail, Mailer } from "./mailer.ts";
export { openAccounts } from "./open.ts";
export {
  boxesSeenBy,
  freshMs,
  hereMs,
  idleMs,
  longestMs,
  type NewSession,
  type Session,
  Sessions,
  userOf,
} from "./sessions.ts";
export { SetupCodes, setupKey, setupMs, setupUse } from "./setup.ts";
export { hasInvitationForm, hasSessionForm, newSessionToken as newSetupCode } from "./tokens.ts";
export { type Viewer, Viewers } from "./viewers.ts";
