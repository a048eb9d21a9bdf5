import { AlarmRecords, AlarmWatch } from "@gatepost/core/alarms";
import { type BoxCounts, Boxes, BoxReader, BoxStore, EventLabels, LocalHours, Rhythms } from "@gatepost/core/boxes";
import { all } from "@gatepost/core/errors";
import { KeyedBoxes } from "@gatepost/core/keys";
import type { Log } from "@gatepost/core/log";
import { PeopleSettings } from "@gatepost/core/people";
import { marksAmong } from "@gatepost/core/seen";
import { readLibraries, Sites } from "@gatepost/core/sites";
import { BoxStatusReader } from "@gatepost/core/statuses";
import { VisitWatch } from "@gatepost/core/visits";
import type { Ports } from "@gatepost/receive";
import type { Items } from "@gatepost/store";
import * as z from "zod/mini";
import { Pulse } from "../boxes/pulse.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { DynamoChangeFeed } from "../events/change-feed.ts";
import { DynamoEventReader } from "../events/reader.ts";
import { connect, limits as usual } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";
import type { Wiring } from "./ingest.ts";

interface Deps {
  items: Items;
  /** Null in functions that may not put entries on the bus. The sweep of boxes may. */
  bus: Ports["bus"] | null;
  /** For the rhythm of a box. Left out if boxes are changed and not shown. */
  counts?: BoxCounts;
  log: Log;
  clock(): number;
}

/** The hours of the rhythm of boxes. */
const zone = "UTC";

/** ms for which a process uses the keys that it has read: after that time a new key works everywhere. */
const keysKnownForMs = 10_000;

/** Reads and changes the records of boxes. */
export function boxesOn({ items, bus, counts, log, clock }: Deps) {
  const hours = new LocalHours(zone);
  const store = new BoxStore({ items, clock });
  const rhythms = counts === undefined ? null : new Rhythms(counts);
  const status = new BoxStatusReader(items, log);
  const keyed = new KeyedBoxes({ items, clock, knownForMs: keysKnownForMs });
  const reader = new BoxReader({ store, keyed, status, rhythms, hours, isCounted: false, clock });
  const boxes = new Boxes({ store, bus, hours, clock, log, show: (record) => reader.show(record) });
  return { boxes, reader, store, hours, labels: new EventLabels({ store, status, clock }) };
}

const variables = z.object({ GATEPOST_TABLE: resourceName });

/** ms after which the sweep looks at no other boxes: the function may run 50 s, and a slow bus takes some of them. */
const checksForMs = 20_000;

/**
 * Makes the sweep that checks boxes, unacknowledged alarms, visitors, and whether the index of changes lags, to run
 * every minute. It checks only as far as the signs of boxes have arrived through the stream of the table, which the last
 * pulse shows. If no pulse ever returned, the stream may not have been read yet; after some time it is reported as not
 * being read.
 */
export function awsBoxSweep(
  { bus, log, clock, settings }: Pick<Ports, "bus" | "log" | "clock" | "settings">,
  env: Environment = process.env,
  {
    limits = usual,
    clients = connect({ ...limits, index: limits.read }),
  }: Partial<Pick<Wiring, "clients" | "limits">> = {},
) {
  const { GATEPOST_TABLE: table } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const pulse = new Pulse(dynamo, log);
  const items = new DynamoItems(dynamo, clock);
  const { boxes, store, labels } = boxesOn({ items, bus, log, clock });
  const feed = new DynamoChangeFeed({ dynamo, log, clock });
  const { heartbeats } = feed;
  const libraries = () => readLibraries({ sites: new Sites({ items, zone }), boxes: store });
  const { announceEvents: announcesEvents } = settings;
  const visits = new VisitWatch({
    items,
    feed,
    labels,
    libraries,
    bus,
    clock,
    settings: new PeopleSettings(items),
    announcesEvents,
  });
  const alarms = new AlarmWatch({
    items,
    feed,
    bus,
    clock,
    settings: new AlarmRecords(items),
    announcesEvents,
    events: new DynamoEventReader(dynamo, clock),
    marks: { among: (ids) => marksAmong(ids, items) },
    libraries,
  });
  const checkBoxes = async () => {
    const heardAt = await pulse.heardAt();
    const sentSince = await pulse.send(clock());
    if (heardAt === null) boxes.checkReceived(sentSince);
    else await boxes.check(heardAt, checksForMs);
  };
  return async (): Promise<void> => {
    const watched = heartbeats.watch();
    // Alarms and visitors follow the feed, which renews the heartbeats by whose age the index is judged.
    const afterwards = (check: () => Promise<void>) => watched.then(check, check);
    await all([checkBoxes(), watched, afterwards(() => alarms.check()), afterwards(() => visits.check())]);
  };
}
