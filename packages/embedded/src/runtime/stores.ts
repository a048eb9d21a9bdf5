import { openRecords } from "@gatepost/api/records";
import { boxesOfSite } from "@gatepost/core/boxes";
import { FeedWaits, RecentNews } from "@gatepost/core/events";
import { passkeyHostOf } from "@gatepost/core/factors";
import { KeyFinder, KeyRecords, KeyUses, newToken } from "@gatepost/core/keys";
import { KnownMappings } from "@gatepost/core/mappings";
import { personRecordsIn } from "@gatepost/core/person-records";
import { redatedRemoval, removalPrefix } from "@gatepost/core/removals";
import { eventsWithKeptScenes, type SceneRetention, type Settings } from "@gatepost/core/retention";
import { usualKeptDays } from "@gatepost/core/statistics";
import { BoxStatusReader, BoxStatusStore, redatedStatus, statusPrefix } from "@gatepost/core/statuses";
import { EnrolledNames } from "@gatepost/core/terminals";
import { minuteMs } from "@gatepost/protocol";
import { SqliteActionOutbox } from "../actions/outbox.ts";
import { emptyLog } from "../db/database.ts";
import { SqliteItems } from "../db/items.ts";
import { StoreClock } from "../db/store-clock.ts";
import type { DatedItems } from "../erasure/dated-ahead.ts";
import { DatedBehind } from "../erasure/dated-behind.ts";
import { Eraser } from "../erasure/eraser.ts";
import { Retention } from "../erasure/retention.ts";
import { RetentionDays } from "../erasure/retention-days.ts";
import { SqliteSuppression } from "../erasure/suppression.ts";
import { type IndexChange, SqliteEventIndex } from "../events/index.ts";
import { EventLookups } from "../events/lookups.ts";
import { LostPictures } from "../events/lost-pictures.ts";
import { NewTexts } from "../events/new-texts.ts";
import { SqliteEventOutbox } from "../events/outbox.ts";
import { SqliteEventReader } from "../events/reader.ts";
import { cursorAt } from "../events/sequence.ts";
import { Signal } from "../events/signal.ts";
import { FactorKeyFile } from "../factors/key-file.ts";
import { FoundKeys } from "../keys/found-keys.ts";
import { withProcessKey } from "../keys/process-key.ts";
import { SqliteQuarantine } from "../quarantine/store.ts";
import { markedEvents } from "../seen/seen.ts";
import { SqliteHalfHours } from "../statistics/half-hours.ts";
import type { OpenedFolder } from "./opened-folder.ts";
import type { Chosen } from "./options.ts";

const usual: Settings = {
  retentionDays: 90,
  sceneDays: null,
  keepFeatures: false,
  openBox: null,
  announceEvents: false,
};

/** All stores of an opened folder, except the bus and jobs. */
export type Stores = ReturnType<typeof openStores>;

export function openStores(opened: OpenedFolder, chosen: Chosen) {
  const { folder, database, writer, reader, reserve, packs, rows, sequence, slack } = opened;
  const { clock: machine, elapsed, log, quarantineLimits: limits, statisticsDays = usualKeptDays } = chosen;
  const changes = new Signal<IndexChange>();
  const revocations = new Signal<string>();
  const asked = { ...usual, ...chosen.settings };
  const started = { eventDays: asked.retentionDays, quarantineDays: asked.retentionDays, sceneDays: asked.sceneDays };
  const storeClock: StoreClock = new StoreClock(database, writer, {
    clock: machine,
    elapsed,
    log,
    carryOver: (step) => datedBehind.carryOver(step),
  });
  /** The time of receipts. */
  const clock = () => storeClock.now();
  /** The time that decides which rows have ended. */
  const believed = () => storeClock.believed();
  const itemDeps = { clock: believed, emptyLog: () => reserve.run(() => emptyLog(database, writer)) };
  const items = new SqliteItems(database, { ...itemDeps, run: (work) => writer.run(work) });
  const news = new RecentNews({
    next: () => cursorAt(sequence.next()),
    begun: cursorAt(sequence.last),
    clock: believed,
  });
  const feedWaits = new FeedWaits();
  sequence.given.listen(() => feedWaits.notify());
  const sites = { boxesOf: (site: string) => boxesOfSite(site, items) };
  /** The same, for the writes that a full disk must not stop. */
  const reservedItems = new SqliteItems(database, { ...itemDeps, run: (work) => reserve.write(writer, work) });
  const found = new FoundKeys(database, believed);
  /** For revocations: they may use the last of the reserved room, and no revoked key is found again. */
  const urgentItems = new SqliteItems(database, {
    ...itemDeps,
    run: (work) =>
      reserve.run(() =>
        writer.run(() => {
          found.clear();
          return work();
        }),
      ),
  });
  const days = new RetentionDays(database, writer, { items, started, clock: believed });
  const scenes: SceneRetention = {
    sceneDays: () => days.current.sceneDays,
    clock: believed,
    countedFrom: (receivedAt) => days.countedFrom(receivedAt),
  };
  const texts = new NewTexts(database, writer, (cause) => log.error("could not index new search texts", { cause }));
  const lookups = new EventLookups(database, texts);
  const dated: DatedItems[] = [
    { prefix: removalPrefix, redated: redatedRemoval },
    {
      prefix: statusPrefix,
      redated: (item, isWrong, at) =>
        redatedStatus(item, (receivedAt) => (isWrong(receivedAt) ? at : null), days.eventLifetime),
    },
  ];
  const datedBehind = new DatedBehind(database, writer, { rows, lookups, sequence, days, items, dated });
  const knownMappings = new KnownMappings({ items, log, clock });
  const suppression = new SqliteSuppression(database, {
    clock: believed,
    lifetime: () => days.eventLifetime,
    settleClock: () => storeClock.settle(),
  });
  const eraser = new Eraser(database, writer, {
    packs,
    reserve,
    suppression,
    sequence,
    rows,
    items: reservedItems,
    personRecords: personRecordsIn(reservedItems),
    log,
    earliest: () => storeClock.earliest(),
    news,
  });
  const halfHours = new SqliteHalfHours(database, writer, { reader, clock: believed, days: statisticsDays });
  const quarantine = new SqliteQuarantine(database, writer, {
    log,
    clock: believed,
    limits,
    lifetime: () => days.quarantineLifetime,
  });
  const storedKeys = new KeyFinder({ items, cache: found, sites, log, clock, believed, noteUseEveryMs: minuteMs });
  const adminToken = newToken("admin");
  const keys = withProcessKey(storedKeys, adminToken);
  const settings: Settings = {
    ...asked,
    // Read each time, because it may change while the server runs.
    get retentionDays() {
      return days.current.eventDays;
    },
    get sceneDays() {
      return days.current.sceneDays;
    },
  };
  return {
    settings,
    clock,
    believed,
    items,
    reservedItems,
    changes,
    news,
    feedWaits,
    revocations,
    sites,
    days,
    scenes,
    suppression,
    eraser,
    halfHours,
    lookups,
    keys,
    /** An admin token that is valid only while this process runs. It is not stored. */
    adminToken,
    keyAdmin: new KeyRecords({ items, urgent: urgentItems, clock, believed, revoked: (id) => revocations.send(id) }),
    keyUses: new KeyUses(items),
    quarantine,
    events: eventsWithKeptScenes(new SqliteEventReader(database, { reader, clock: believed }), scenes),
    index: new SqliteEventIndex(database, writer, { rows, lookups, sequence, changes, log, believed }),
    knownMappings,
    records: openRecords({
      items,
      reserved: reservedItems,
      urgent: new SqliteItems(database, { ...itemDeps, run: (work) => reserve.run(() => writer.run(work)) }),
      writeCountsEveryMs: minuteMs,
      isAlone: true,
      factorKey: new FactorKeyFile(folder.path),
      passkeyHost: passkeyHostOf(chosen.publicUrl ?? "http://localhost"),
      keys,
      mappingChanged: () => knownMappings.forget(),
      news,
      zone: chosen.zone,
      log,
      clock,
      believed,
      machine,
      marked: markedEvents(database, writer, { items, believed }),
    }),
    actions: new SqliteActionOutbox(database, writer, { rows, sequence, log, clock, believed }),
    eventOutbox: new SqliteEventOutbox(database, writer, { log, clock, believed }),
    boxStatus: new BoxStatusStore(items, () => days.eventLifetime),
    statusReader: new BoxStatusReader(items, log),
    enrolled: new EnrolledNames({ items, clock, lifetime: () => days.eventLifetime }),
    lostPictures: new LostPictures(database, writer, { rows, lookups, sequence }),
    storeClock,
    retention: new Retention(database, writer, {
      reader,
      packs,
      items,
      days,
      counted: halfHours,
      dated,
      slack,
      erasures: () => eraser.count,
      writing: () => quarantine.writing,
    }),
  };
}
