import { Alerter, mailerOf, previewOf } from "@gatepost/alerts";
import { Notifier } from "@gatepost/alerts/push";
import { addressesOf, hearCheck } from "@gatepost/core/actions";
import { BoxStore, EventLabels } from "@gatepost/core/boxes";
import { type PhotoLinks, photoLink } from "@gatepost/core/pictures";
import { openPush } from "@gatepost/core/push";
import { Zone } from "@gatepost/core/zones";
import { EmbeddedBus } from "../bus/bus.ts";
import { SqliteDeadLetters } from "../bus/dead-letters.ts";
import { SqliteDeliveries } from "../bus/delivery-reader.ts";
import { Repeats } from "../bus/repeats.ts";
import { EmbeddedRules } from "../bus/rule-book.ts";
import { checkRule, isForPeople } from "../bus/rules.ts";
import { PushRules } from "../push/push-rules.ts";
import type { OpenedFolder } from "./opened-folder.ts";
import type { Chosen } from "./options.ts";
import type { Stores } from "./stores.ts";

/** The bus of an opened folder, its rules, and what the API reads of it. */
export type OpenedBus = ReturnType<typeof openBus>;

export function openBus(opened: OpenedFolder, stores: Stores, { clock, log, zone, bus: options, ...chosen }: Chosen) {
  const { folder, database, writer, packs, cursorSecret: secret } = opened;
  const allowPrivateTargets = options?.allowPrivateTargets ?? false;
  const announceEvents = options?.announceEvents ?? stores.settings.announceEvents;
  let publicUrl = chosen.publicUrl ?? null;
  const usualZone = Zone.find(zone) ?? Zone.utc;
  const alerter = new Alerter({
    rows: stores.records.alertRows,
    pictures: packs,
    secret,
    log,
    clock,
    find: (id) => stores.events.get(id),
    publicUrl: () => publicUrl,
    zone: usualZone,
    allowPrivateTargets,
    // Each rule has one delivery in progress.
    underWayMs: 0,
  });
  const ownRules = [checkRule((envelope) => hearCheck(envelope, stores))];
  const labels = new EventLabels({
    store: new BoxStore({ items: stores.items, clock: stores.believed }),
    status: stores.statusReader,
    clock,
  });
  const push = openPush({
    items: stores.items,
    clock: stores.believed,
    given: chosen.contact ?? null,
    publicUrl: () => publicUrl,
    changed: () => pushRules.refresh(),
  });
  const notifier = new Notifier({
    ...push,
    accounts: stores.records.accounts,
    sites: stores.sites,
    secret,
    log,
    clock,
    rolls: stores.records.rolls,
    marks: stores.records.seen,
    allowPrivateTargets,
    find: (id) => stores.events.get(id),
    label: (events) => labels.add(events),
  });
  const pushRules = new PushRules({ ...push, notifier });
  const bus = new EmbeddedBus(database, writer, {
    rulesFile: folder.rules,
    ownRules,
    pushRules,
    alerter,
    memory: stores.records.alertRows,
    log,
    clock,
    ...options,
    announceEvents,
  });
  const refusalOf = (rule: string) => bus.refusalOf(rule);
  const deadLetters = new SqliteDeadLetters(database, writer, { clock, refusalOf });
  /** Links to photos, for entries; null if no public address was chosen. */
  const linkOf: PhotoLinks = (photo) =>
    chosen.publicUrl === undefined ? null : photoLink(photo, { base: chosen.publicUrl, photoSecret: secret, clock });
  const repeats = new Repeats(database, {
    bus,
    labels,
    announceEvents,
    addressOf: (event) => addressesOf(event, { pictures: packs, photoLink: linkOf }),
    clock,
  });
  return {
    bus,
    photoLink: linkOf,
    labels,
    // A rule that is off sends mails of hours, too.
    mailer: mailerOf({
      targets: () =>
        bus
          .rules()
          .filter(isForPeople)
          .map(({ target }) => target),
      allowPrivateTargets,
      log,
    }),
    push: { ...push, sender: notifier },
    pushRules,
    deadLetters,
    deliveries: new SqliteDeliveries(database, {
      writer,
      clock,
      deadLetters,
      refusalOf,
      async again(event, entry) {
        const stored = await stores.events.get(event);
        return stored && repeats.again(stored, entry);
      },
    }),
    rules: new EmbeddedRules(database, {
      bus,
      repeats,
      labels,
      rulesFile: folder.rules,
      clock,
      zone: usualZone,
      previewOf: (asked) => previewOf(asked, usualZone),
      allowPrivateTargets,
      announceEvents,
      addressOf: (picture) => packs.address(picture),
    }),
    /** Sets the address under which people reach the server, if none was chosen. */
    reachedAt(url: string): void {
      publicUrl ??= url;
    },
  };
}
