import { Notifier } from "@gatepost/alerts/push";
import type { ApiPorts, StorePorts } from "@gatepost/api";
import { boxesOfSite } from "@gatepost/core/boxes";
import { PushContact, PushKeys, type PushPorts, PushSubscriptions } from "@gatepost/core/push";
import type { Items } from "@gatepost/store";

interface Deps extends Pick<ApiPorts, "log" | "clock" | "cursorSecret"> {
  items: Items;
  reads: Pick<StorePorts, "events" | "accounts" | "boxes" | "rolls" | "seen">;
  /** The mail address of alarms; null if there is none. */
  alarms: string | null;
}

/** Notifications of browsers: for the API, which has subscriptions, and for the function that sends alerts. */
export function pushOn({ items, reads, alarms, cursorSecret: secret, log, clock }: Deps) {
  const subscriptions = new PushSubscriptions({ items, clock });
  const keys = new PushKeys(items);
  const contact = new PushContact({ items, given: alarms, publicUrl: () => null });
  const notifier = new Notifier({
    subscriptions,
    keys,
    contact,
    accounts: reads.accounts,
    secret,
    log,
    clock,
    allowPrivateTargets: false,
    rolls: reads.rolls,
    marks: reads.seen,
    sites: { boxesOf: (site) => boxesOfSite(site, items) },
    find: (id) => reads.events.get(id),
    label: (events) => reads.boxes.labels.add(events),
  });
  return { subscriptions, keys, contact, sender: notifier } satisfies PushPorts;
}
