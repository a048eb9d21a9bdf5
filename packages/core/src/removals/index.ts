export {
  maxRemovals,
  type Removal,
  type RemovalEnd,
  Removals,
  redatedRemoval,
  removalLifetimeMs,
  removalPrefix,
  type Visit,
} from "./removals.ts";
