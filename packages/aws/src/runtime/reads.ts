import { lifetimeOf, type Ports } from "@gatepost/ingest";
import type { ApiPorts } from "@gatepost/query";
import { DynamoDeviceReader } from "../boxes/devices.ts";
import { Dynamo } from "../dynamo/dynamo.ts";
import { DynamoEraser } from "../erasure/eraser.ts";
import { DynamoChangeFeed } from "../events/change-feed.ts";
import { DynamoEventReader } from "../events/reader.ts";
import { DynamoKeyAdmin } from "../keys/admin.ts";
import { DynamoTickets } from "../keys/tickets.ts";
import { type Environment, namesIn, required } from "../names.ts";
import { S3PictureReader } from "../pictures/reader.ts";
import { DynamoQuarantineReader } from "../quarantine/reader.ts";
import { DynamoQuarantine } from "../quarantine/store.ts";
import { Objects } from "../s3/objects.ts";
import { connect, limits as usual } from "./clients.ts";
import type { Wiring } from "./ingest.ts";

/** The ports that the API reads by. */
export type AwsReads = Omit<ApiPorts, "eraser" | "deadLetters"> & { eraser: DynamoEraser };

/** Filters that have no index: every event in the range is read. */
const scannedFilters = ["device", "type", "action", "flag", "q"] as const;

/**
 * Makes the ports of the API. They are separate from those for boxes, so that the functions for boxes do not contain
 * them.
 */
export function awsReads(
  ingest: Ports,
  env: Environment = process.env,
  wiring: Partial<Omit<Wiring, "log" | "clock" | "count">> = {},
): AwsReads {
  const { names = namesIn(env), limits = usual } = wiring;
  const { clients = connect({ ...limits, index: limits.read }) } = wiring;
  const { log, clock, settings } = ingest;
  const dynamo = new Dynamo(clients.dynamo, names, limits.read);
  const objects = new Objects(clients.s3, names, { ...limits, object: limits.read });
  const quarantine = new DynamoQuarantine({ dynamo, objects, log, clock, lifetime: lifetimeOf(settings) });
  return {
    events: new DynamoEventReader(dynamo, clock),
    rangeFor: scannedFilters,
    feed: new DynamoChangeFeed(dynamo, clock),
    eraser: new DynamoEraser({ dynamo, objects, quarantine, clock }),
    devices: new DynamoDeviceReader(dynamo),
    tickets: new DynamoTickets(dynamo, clock),
    pictures: new S3PictureReader(clients.s3, objects, clock),
    keyAdmin: new DynamoKeyAdmin(dynamo, clock),
    quarantine: new DynamoQuarantineReader({ dynamo, objects, quarantine, clock }),
    ingest,
    get cursorSecret() {
      return Buffer.from(required(env, "GATEPOST_CURSOR_SECRET"), "base64");
    },
  };
}
