import { BoxStore } from "@gatepost/core/boxes";
import { KeyRecords } from "@gatepost/core/keys";
import { Mappings, ReplayedRecords } from "@gatepost/core/mappings";
import { lifetimeOf } from "@gatepost/core/retention";
import { Sites } from "@gatepost/core/sites";
import type { Ports } from "@gatepost/receive";
import * as z from "zod/mini";
import { DeviceRegistry } from "../boxes/devices.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoItems } from "../dynamo/items.ts";
import { MonotonicClock } from "../dynamo/monotonic-clock.ts";
import { takeErasures } from "../erasure/suppression.ts";
import { FeedWrites } from "../events/feed-writes.ts";
import { DynamoEventIndex } from "../events/index.ts";
import { DynamoImport } from "../imports/import.ts";
import { ErasureEpoch } from "../pictures/erasure-epoch.ts";
import { SharedPictures } from "../pictures/shared.ts";
import { DynamoQuarantine } from "../quarantine/store.ts";
import { Objects } from "../s3/objects.ts";
import type { Clients, Limits } from "./clients.ts";
import { type Environment, readEnvironment, resourceName } from "./environment.ts";

const variables = z.object({ GATEPOST_TABLE: resourceName, GATEPOST_BUCKET: resourceName });

/** Makes the import of another Gatepost's store. */
export function awsImports(
  { boxStatus, suppression, log, clock, settings }: Ports,
  env: Environment,
  { clients, limits }: { clients: Clients; limits: Limits },
): DynamoImport {
  const { GATEPOST_TABLE: table, GATEPOST_BUCKET: bucket } = readEnvironment(variables, env);
  const dynamo = new Dynamo(clients.dynamo, table, limits.read);
  const objects = new Objects(clients.s3, bucket, { head: limits.read, object: limits.read });
  const items = new DynamoItems(dynamo, clock);
  const keys = new KeyRecords({ items, urgent: items, clock, believed: clock });
  const feed = new FeedWrites(dynamo, new MonotonicClock(clock));
  const [devices, lifetime] = [new DeviceRegistry(dynamo, log), lifetimeOf(settings)];
  return new DynamoImport({
    dynamo,
    objects,
    feed,
    boxStatus,
    suppression,
    shared: new SharedPictures({ objects, dynamo, epoch: new ErasureEpoch({ dynamo, log, clock }), log, clock }),
    index: new DynamoEventIndex(dynamo, { feed, devices, lifetime }),
    quarantine: new DynamoQuarantine({ dynamo, objects, log, clock, lifetime }),
    boxes: new BoxStore({ items, clock }),
    sites: new Sites({ items, zone: "UTC" }),
    mappings: new Mappings({ items }),
    replayed: new ReplayedRecords(items, clock),
    clock,
    putKey: (key) => keys.take(key),
    async putErasures(secret, erased) {
      const isTaken = await takeErasures(dynamo, secret, erased);
      await ErasureEpoch.advance(dynamo, clock());
      return isTaken;
    },
  });
}
