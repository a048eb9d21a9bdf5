/// <reference path="../.sst/platform/config.d.ts" />
import {
  connectionSender,
  liveConfigurer,
  liveConnector,
  liveDisconnector,
  livePusher,
  liveReleaser,
  pictureReader,
} from "./access.ts";
import { cursorSecret } from "./api.ts";
import { lambda } from "./lambda.ts";
import { sockets, untold } from "./sockets.ts";
import { table } from "./storage.ts";

/** The address at which functions send to connections, end them, or ask about them. */
const asking = { GATEPOST_LIVE_ENDPOINT: sockets.managementEndpoint };
const sending = { ...asking, GATEPOST_CURSOR_SECRET: cursorSecret.base64 };

const connect = lambda("live-connect", { memory: "512 MB", timeout: "10 seconds" }, [liveConnector], asking);
const disconnect = lambda("live-disconnect", { memory: "512 MB", timeout: "10 seconds" }, [liveDisconnector]);

/** Its timeout is the longest for which API Gateway waits, because it lets subscribers catch up. */
const message = lambda(
  "live-message",
  { memory: "1024 MB", timeout: "29 seconds" },
  [liveConfigurer, pictureReader, connectionSender],
  sending,
);

/** Sends the changes in the stream of the table to subscribers. */
export const livePush = lambda(
  "live-push",
  { memory: "1024 MB", timeout: "60 seconds" },
  [livePusher, pictureReader, connectionSender],
  sending,
);

/** Disconnects all subscribers when a batch of the stream was given up that they should have got. */
const release = lambda("live-reset", { memory: "512 MB", timeout: "30 seconds" }, [liveReleaser], sending);

/** The functions of the live feed, by their files. */
export const live = new Map([
  ["live-connect", connect] as const,
  ["live-disconnect", disconnect] as const,
  ["live-message", message] as const,
  ["live-push", livePush] as const,
  ["live-reset", release] as const,
]);

sockets.route("$connect", connect.targetArn);
sockets.route("$disconnect", disconnect.targetArn);
sockets.route("$default", message.targetArn);

/** Events that were erased by request, and marks that were taken back. If DynamoDB removes a row because of its ttl, the record names DynamoDB. */
const removed = {
  eventName: ["REMOVE"],
  userIdentity: { principalId: [{ exists: false }] },
  dynamodb: { Keys: { pk: { S: [{ prefix: "evt_" }, { prefix: "seen evt_" }] } } },
};

const changed = (prefixes: readonly string[], row: object = {}) => ({
  eventName: ["INSERT", "MODIFY"],
  dynamodb: { Keys: { pk: { S: prefixes.map((prefix) => ({ prefix })) } }, ...row },
});

/**
 * Events that are made or get another report while a client listens, keys that are revoked, accounts that change, events
 * that a person has seen, noted something about, or erased, and evacuation lists that are ticked or closed; not rows that expire. Lambda takes
 * five filters.
 */
const watched = [
  changed(["evt_"], { NewImage: { live: { N: ["1"] } } }),
  changed(["key_", "acc_", "seen evt_", "notes evt_"]),
  changed(["roll-person "], { NewImage: { tick: { S: [{ exists: true }] } } }),
  changed(["rol_"], { NewImage: { closedAt: { N: [{ exists: true }] } } }),
  removed,
];

table.subscribe("LivePush", livePush.targetArn, {
  filters: watched,
  transform: {
    eventSourceMapping: (args) => {
      args.batchSize = 100;
      // Older records are not live any more.
      args.maximumRecordAgeInSeconds = 300;
      args.maximumRetryAttempts = 5;
      args.bisectBatchOnFunctionError = true;
      args.destinationConfig = { onFailure: { destinationArn: untold.arn } };
    },
  },
});

// Messages are gathered, so that subscribers are disconnected once for several given-up batches.
new aws.lambda.EventSourceMapping("LiveUntoldMapping", {
  eventSourceArn: untold.arn,
  functionName: release.arn,
  batchSize: 1000,
  maximumBatchingWindowInSeconds: 5,
});
