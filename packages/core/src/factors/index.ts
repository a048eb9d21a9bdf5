export { type Challenge, challengeMs, newChallenge, openChallenge, sealChallenge } from "./challenges.ts";
export { type Factor, type FactorKind, factorKinds, passkeyHostOf } from "./factor.ts";
export { Factors, type Proof } from "./factors.ts";
export { type HalfSession, HalfSessions, halfMs } from "./half-sessions.ts";
export { type FactorKey, givenFactorKey, nameOfKey } from "./key.ts";
export { accountNamedBy, type PasskeyPlace, type SentCredential } from "./passkeys.ts";
export { FactorPolicy, graceMs } from "./policy.ts";
export { type ResetMail, ResetMails } from "./reset-mails.ts";
