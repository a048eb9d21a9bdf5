export { exportedKeys, KeyRecords } from "./admin.ts";
export { AuthRateLimiter } from "./auth-rate-limiter.ts";
export { type KeyCache, KeyFinder } from "./finder.ts";
export {
  boxesSeen,
  type ImportedKey,
  type Key,
  type KeyAdmin,
  type KeyBounds,
  type KeyFault,
  type KeyLimits,
  type KeyListing,
  type KeyRate,
  type KeyStore,
  type KeyUsage,
  type KeyUse,
  type NewKey,
  opensFeeds,
  type Scope,
  scopes,
} from "./key.ts";
export { KeyedBoxes } from "./keyed-boxes.ts";
export { keyIdOf, revocation } from "./record.ts";
export { beginsAsToken, findKey, hashToken, hasTokenForm, looksLikeToken, newToken, possibleTokens } from "./token.ts";
export { KeyUses } from "./uses.ts";
