export { contactAddress, PushContact } from "./contact.ts";
export { PushKeys, type VapidKeys } from "./keys.ts";
export { openPush } from "./open.ts";
export type { PushPorts, PushSender, PushTest } from "./ports.ts";
export {
  type PushChoice,
  type PushKind,
  type PushTarget,
  pushKeyFault,
  pushKinds,
  pushLanguages,
  type Subscription,
} from "./subscription.ts";
export { PushSubscriptions } from "./subscriptions.ts";
