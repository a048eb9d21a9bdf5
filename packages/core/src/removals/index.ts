export {
  maxRemovals,
  type Removal,
  type RemovalEnd,
  Removals,
  redatedRemoval,
  removalLifetimeMs,
  removalPrefix,
} from "./removals.ts";
