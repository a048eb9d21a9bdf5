export { Alerter, type AlerterDeps, type AlertOutcome } from "./alerter.ts";
export { isPublic, literalAddress, PrivateTarget, privateHost, publicLookup } from "./net/addresses.ts";
export { post, type Timeouts } from "./net/post.ts";
export { dial, endpointOf } from "./net/sockets.ts";
export { why } from "./net/why.ts";
export { PassingAge } from "./passing-age.ts";
export { type Channel, channels } from "./target/channel-url.ts";
export { maskedUrl, type ShownTarget, shownTarget } from "./target/shown-target.ts";
export { type AlertRule, type AlertTarget, alertTargetSchema, isForAlerts } from "./target/target.ts";
