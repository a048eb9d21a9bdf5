import { PushContact } from "./contact.ts";
import { PushKeys } from "./keys.ts";
import { PushSubscriptions } from "./subscriptions.ts";

type Deps = ConstructorParameters<typeof PushSubscriptions>[0] & ConstructorParameters<typeof PushContact>[0];

/** The browsers that get notifications, and the facts that push services need of this Gatepost. */
export function openPush(deps: Deps) {
  return {
    subscriptions: new PushSubscriptions(deps),
    keys: new PushKeys(deps.items),
    contact: new PushContact(deps),
  };
}
