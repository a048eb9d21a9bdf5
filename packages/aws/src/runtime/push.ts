import { Notifier } from "@gatepost/alerts/push";
import type { ApiPorts, StorePorts } from "@gatepost/api";
import { boxesOfSite } from "@gatepost/core/boxes";
import { openPush, type PushPorts } from "@gatepost/core/push";
import type { Items } from "@gatepost/store";

interface Deps extends Pick<ApiPorts, "log" | "clock" | "cursorSecret"> {
  items: Items;
  reads: Pick<StorePorts, "events" | "accounts" | "boxes" | "rolls" | "seen">;
  /** The mail address of alarms; null if there is none. */
  alarms: string | null;
}

/** Notifications of browsers: for the API, which has subscriptions, and for the function that sends alerts. */
export function pushOn({ items, reads, alarms, cursorSecret: secret, log, clock }: Deps) {
  const push = openPush({ items, clock, given: alarms, publicUrl: () => null });
  const notifier = new Notifier({
    ...push,
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
  return { ...push, sender: notifier } satisfies PushPorts;
}
