/** Targets of rules, and connections to them. No message to people is part of it. */

export {
  isOverInternet,
  isPublic,
  literalAddress,
  PrivateTarget,
  privateHost,
  publicLookup,
  UnencryptedTarget,
} from "./net/addresses.ts";
export type { Timeouts } from "./net/post.ts";
export { dial, endpointOf, endUnencrypted, post, why } from "./net/post.ts";
export { PassingAge } from "./passing-age.ts";
export { addressOf, maskedUrl } from "./target/channel-url.ts";
export { type FailingTarget, FailingTargets, type FailureMemory } from "./target/failing-targets.ts";
export type { ShownTarget } from "./target/shown-target.ts";
export { shownTarget } from "./target/shown-target.ts";
export type { AlertRule, AlertTarget } from "./target/target.ts";
export { alertTargetSchema, channelOf, isForAlerts } from "./target/target.ts";
