export {
  type Account,
  type AccountChange,
  type AccountPorts,
  type Changed,
  type Identity,
  type Invitation,
  includes,
  type NewAccount,
  type Role,
  roles,
  type Sight,
} from "./account.ts";
export { Accounts, invitationMs } from "./accounts.ts";
export { openAccounts } from "./open.ts";
export { boxesSeenBy, hereMs, idleMs, longestMs, type NewSession, type Session, Sessions } from "./sessions.ts";
export { hasInvitationForm, hasSessionForm } from "./tokens.ts";
export { type Viewer, Viewers } from "./viewers.ts";
