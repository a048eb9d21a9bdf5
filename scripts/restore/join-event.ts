import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Upsert } from "@gatepost/core/events";
import type { Item } from "@gatepost/store";
import { DeviceRegistry } from "../../packages/aws/src/boxes/devices.ts";
import { Dynamo } from "../../packages/aws/src/dynamo/dynamo.ts";
import { fromAttributes, numberOf } from "../../packages/aws/src/dynamo/item.ts";
import { MonotonicClock } from "../../packages/aws/src/dynamo/monotonic-clock.ts";
import { FeedWrites } from "../../packages/aws/src/events/feed-writes.ts";
import { DynamoEventIndex } from "../../packages/aws/src/events/index.ts";
import { eventOf, fingerprintOf } from "../../packages/aws/src/events/row.ts";

type Row = Record<string, AttributeValue>;

/** ms for one call, tries included. */
const callMs = 60_000;

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Returns a function that joins an event into a table that has it already, as reports of boxes are joined: nothing in
 * that table is replaced. It resolves to whether the table lacked anything. It throws if the table has another passing
 * by a report of the same kind.
 */
export function joiningInto(client: DynamoDBClient, table: string): (row: Row) => Promise<boolean> {
  const dynamo = new Dynamo(client, table, callMs);
  const index = new DynamoEventIndex(dynamo, {
    feed: new FeedWrites(dynamo, new MonotonicClock(Date.now)),
    devices: new DeviceRegistry(dynamo, silent),
    // The lifetime of its pictures is in separate rows, which are copied.
    lifetime: 0,
  });
  return async (row) => {
    const outcomes = new Set<string>();
    for (const entry of entriesOf(fromAttributes(row))) {
      const { outcome, enqueued } = await index.upsert(entry);
      outcomes.add(enqueued ? "enqueued" : outcome);
    }
    if (outcomes.has("conflict")) throw new Error("there is another passing by a report of this kind");
    return [...outcomes].some((outcome) => outcome !== "duplicate");
  };
}

/** Each report of an event with an action of it, as long as there are any. */
function entriesOf(row: Item): Upsert[] {
  const { id: eventId, box, isSecondFace, reports, actions } = eventOf(row);
  const event = {
    eventId,
    box,
    isSecondFace,
    replaces: null,
    isAwaited: false,
    now: Date.now(),
    expiresAt: numberOf(row, "ttl") * 1000,
  };
  const entries = reports.map((report, at) => ({
    ...event,
    report,
    fingerprint: fingerprintOf(row, report.kind) ?? "",
    action: actions[at] ?? null,
  }));
  const [first] = entries;
  const left = first === undefined ? [] : actions.slice(reports.length).map((action) => ({ ...first, action }));
  return [...entries, ...left];
}
