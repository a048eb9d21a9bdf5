import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { changed, type Item } from "@gatepost/store";
import { describe, expect, it } from "vitest";
import { signsIn } from "../../../packages/aws/src/events/box-signs.ts";
import { upsertUpdate } from "../../../packages/aws/src/events/row.ts";
import { putRecord } from "../../../packages/aws/src/quarantine/row.ts";
import { noon, report, upsert } from "../samples.ts";

const event = changed(upsertUpdate(upsert("a"), "1"), null);
const merged = changed(
  upsertUpdate(
    upsert("a", { report: report({ kind: "realtime", dialect: "se3-realtime", receivedAt: noon + 5 }) }),
    "2",
  ),
  event,
);
const notice: Item = {
  pk: "notice status gate-1",
  box: "gate-1",
  kind: "status",
  receivedAt: noon,
  report: JSON.stringify({ gateway_sn: "1", sub_devices: [{ ep_id: "S__10.0.0.7", ep_status: "online" }] }),
};
const kept: QuarantineRecord = {
  id: "qrt_1",
  box: "gate-1",
  path: "/HistoryEvent",
  reason: "not-json",
  receivedAt: noon,
  headers: {},
  body: Buffer.from("x"),
  event: null,
};
const record = changed(putRecord(kept, { ttl: 1, now: noon }), null);
const recordOfEvent = changed(
  putRecord({ ...kept, reason: "picture", event: { id: "evt_1", fingerprint: "f" } }, { ttl: 1, now: noon }),
  null,
);

describe("a sign of a box in a changed row", () => {
  it("is each report that an event got", () => {
    expect(signsIn({ before: undefined, after: event })).toEqual([
      {
        box: "gate-1",
        receivedAt: noon,
        kind: "history",
        dialect: "history-nested",
        sentAt: noon,
        isFlagged: false,
        device: { id: "192.168.1.25", endpoint: null, name: null, ip: "192.168.1.25", type: null },
        serial: null,
      },
    ]);
    expect(signsIn({ before: event, after: merged })).toMatchObject([{ kind: "realtime", receivedAt: noon + 5 }]);
    expect(signsIn({ before: undefined, after: merged })).toHaveLength(2);
  });

  it("is a notice, with the devices that it says are online", () => {
    expect(signsIn({ before: undefined, after: notice })).toEqual([
      {
        box: "gate-1",
        receivedAt: noon,
        kind: "status",
        devices: [{ id: "S__10.0.0.7", endpoint: "S__10.0.0.7", name: null, ip: null, type: null }],
        serial: null,
      },
    ]);
    expect(signsIn({ before: notice, after: { ...notice, receivedAt: noon + 1 } })).toHaveLength(1);
  });

  it("is a body that was not understood", () => {
    expect(signsIn({ before: undefined, after: record })).toEqual([
      { box: "gate-1", receivedAt: noon, kind: "unread" },
    ]);
  });

  it.each([
    ["only its index keys changed", { before: event, after: { ...event, byPerson: "person 7#1" } }],
    ["it was removed", { before: event, after: undefined }],
    ["a notice was only touched", { before: notice, after: { ...notice, ttl: 1 } }],
    ["a quarantine record got another reason", { before: record, after: { ...record, reason: "other" } }],
    ["a report was understood but for a picture", { before: undefined, after: recordOfEvent }],
    ["it is a key", { before: undefined, after: { pk: "key_1" } }],
  ])("is absent if %s", (_, change) => {
    expect(signsIn(change)).toEqual([]);
  });
});
