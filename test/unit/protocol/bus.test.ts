import {
  actionDeclined,
  actionRequested,
  alarmNotAcknowledged,
  type BusEntry,
  busEntryBytes,
  busSchemas,
  checkBox,
  type EventEntry,
  evacuationOf,
  eventAcknowledged,
  eventIdOf,
  eventRecorded,
  type LocatedPicture,
  merge,
  photoWith,
  type Report,
  requestedAction,
  type StoredEvent,
  visitorArrived,
} from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, passRecord, realtime, received, stranger, understood } from "../../support/reports.ts";

const announcing = {
  addressOf: ({ month, kind, sha256: hash }: LocatedPicture) => ({
    bucket: "pictures",
    key: `${month}/${kind}/${hash}`,
  }),
  now: received,
};
const stored = (...reports: Report[]): StoredEvent => ({
  id: "evt_1",
  box: "gate-1",
  isSecondFace: false,
  reports,
  actions: [],
});

function requested(event: StoredEvent, report: Report): EventEntry {
  const wanted = requestedAction(report);
  if (wanted === null) throw new Error("this report wants nothing");
  return actionRequested(event, { id: "act_1", at: new Date(received).toISOString(), ...wanted }, announcing);
}

const registration = understood(fixture("history-nested", "register-stranger")).report;
const update = understood(fixture("history-nested", "update-photo")).report;

describe("the announcement of an action", () => {
  it("asks for the registration of a stranger", () => {
    const entry = requested(stored(registration), registration);
    expect(entry).toMatchObject({
      id: "act_1",
      source: "gatepost",
      detailType: "Stranger Registration Requested",
      time: "2026-03-01T12:00:02.000Z",
      detail: { want_action: "1001", action: "register-stranger", idempotency_key: "act_1" },
    });
    expect(busSchemas["Stranger Registration Requested"].safeParse(entry.detail).error).toBeUndefined();
  });

  it("asks for the update of a base photo", () => {
    const entry = requested(stored(update), update);
    expect(entry).toMatchObject({
      detailType: "Base Photo Update Requested",
      detail: { want_action: "1002", action: "update-photo" },
    });
    expect(busSchemas["Base Photo Update Requested"].safeParse(entry.detail).error).toBeUndefined();
  });

  it("says how late it is, by the report that asks for it", () => {
    const asking = { ...update, receivedAt: received + 3_600_000 };
    const soon = { ...understood(realtime()).report, receivedAt: received };
    const now = asking.receivedAt + 100;
    const wanted = requestedAction(asking);
    if (wanted === null) throw new Error("this report wants nothing");
    const action = { id: "act_1", at: new Date(now).toISOString(), ...wanted };
    const event = stored(soon, asking);
    const { detail } = actionRequested(event, action, { ...announcing, now });
    expect(detail).toMatchObject({ age_ms: now - merge(event).timestamp, late: true, late_reason: "history" });
    const waited = (stamp: number) =>
      actionRequested(event, action, { ...announcing, now: stamp, hasWaited: true }).detail;
    expect(waited(now)).toMatchObject({ late: true, late_reason: "history" });
  });

  it("is late by an outage if it has waited for a rule", () => {
    const event = stored({ ...update, kind: "realtime", receivedAt: received });
    const wanted = requestedAction(event.reports[0] ?? update);
    if (wanted === null) throw new Error("this report wants nothing");
    const action = { id: "act_1", at: new Date(received).toISOString(), ...wanted };
    const { detail } = actionRequested(event, action, { ...announcing, now: merge(event).timestamp, hasWaited: true });
    expect(detail).toMatchObject({ late: true, late_reason: "outage" });
  });

  it.each([
    ["1001", registration],
    ["1002", update],
  ])("is a test if a check asked for %s, and matches no rule for actions", (_, report) => {
    const event = { ...stored(report), box: checkBox };
    const entry = requested(event, report);
    expect(entry).toEqual({
      id: "act_1",
      source: "gatepost",
      detailType: "Gatepost Test",
      time: "2026-03-01T12:00:02.000Z",
      detail: {
        idempotency_key: "act_1",
        event: { id: "evt_1" },
        photo: expect.objectContaining({ kind: "face", bucket: "pictures" }),
      },
    });
    expect(busSchemas["Gatepost Test"].safeParse(entry.detail).error).toBeUndefined();
  });

  it("is as late as the first report that asks for it", () => {
    const first = understood(history()).report;
    const second = { ...first, kind: "pass-record" as const, receivedAt: first.receivedAt + 90_000 };
    for (const event of [stored(first, second), stored(second, first)]) {
      const { detail } = eventRecorded(event, { ...announcing, now: second.receivedAt + 1 });
      expect(detail.late_reason).toBe("outage");
    }
  });

  it("carries the event as readers get it", () => {
    expect(requested(stored(update), update).detail["event"]).toEqual(merge(stored(update)));
  });

  it("names the face, and where it is", () => {
    const hash = sha256(jpeg("face"));
    expect(requested(stored(update), update).detail["photo"]).toEqual({
      kind: "face",
      sha256: hash,
      bucket: "pictures",
      key: `2026-03/face/${hash}`,
      href: "/v1/events/evt_1/pictures/face",
    });
  });

  it("names the scene if there is no face", () => {
    const { report } = understood(stranger({ want_action: "1001" }, { spot_pic: photo("scene") }));
    expect(requested(stored(report), report).detail["photo"]).toMatchObject({
      kind: "scene",
      sha256: sha256(jpeg("scene")),
    });
  });

  it("never names the registered picture", () => {
    const { report } = understood(history({ want_action: "1002", reg_pic: photo("old") }));
    expect(requested(stored(report), report).detail["photo"]).toBeNull();
  });
});

describe("a photo by its bytes", () => {
  const soon = understood(realtime({}, { spot_pic: photo("first scene") })).report;
  const later = understood(history({}, { spot_pic: photo("scene"), recognize_face: photo("face") })).report;

  it("is found whichever report brought it, even if the event shows another", () => {
    const kinds = ["first scene", "scene", "face"].map(
      (name) => photoWith(sha256(jpeg(name)), { id: "evt_1", reports: [soon, later] })?.kind,
    );
    expect(kinds).toEqual(["scene", "scene", "face"]);
  });

  it("is null if no report has it, and for the registered picture", () => {
    const { report } = understood(history({ reg_pic: photo("old") }));
    expect(["old", "face"].map((name) => photoWith(sha256(jpeg(name)), { id: "evt_1", reports: [report] }))).toEqual([
      null,
      null,
    ]);
  });
});

describe("the announcement of an event", () => {
  it("has the id of the event, and the time of its first receipt", () => {
    const entry = eventRecorded(stored(understood(realtime()).report), announcing);
    expect(entry).toMatchObject({ id: "evt_1", detailType: "Face Event Recorded", time: "2026-03-01T12:00:02.000Z" });
    expect(busSchemas["Face Event Recorded"].safeParse(entry.detail).error).toBeUndefined();
    expect(Object.keys(entry.detail)).toEqual(["age_ms", "late", "late_reason", "event", "photo"]);
  });

  it("says that it is a repeat, under the same id", () => {
    const entry = eventRecorded(stored(understood(realtime()).report), { ...announcing, isRepeat: true });
    expect(entry).toMatchObject({ id: "evt_1", detail: { repeat: true } });
    expect(busSchemas["Face Event Recorded"].safeParse(entry.detail).error).toBeUndefined();
  });
});

describe("an announcement that just fits", () => {
  /** Bytes that the bus adds: account, region, its own id. */
  const envelope = 1024;
  const padded = (bytes: number) => {
    const report = { ...understood(history()).report, extra: { pad: "x".repeat(bytes) } };
    return eventRecorded(stored(report), announcing);
  };
  const bytesOf = (entry: BusEntry) => Buffer.byteLength(JSON.stringify(entry));
  const room = busEntryBytes - envelope - bytesOf(padded(0));

  it("is whole if the bus has room for its envelope", () => {
    expect(bytesOf(padded(room))).toBe(busEntryBytes - envelope);
  });

  it("loses members if its envelope would not fit", () => {
    expect(padded(room + 1).detail.event.extra).toEqual({});
  });
});

describe("an announcement that is too large for the bus", () => {
  const large = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`member ${i}`, "x".repeat(8_190)]));
  const reports = [
    understood(history({ extra: large })).report,
    understood(passRecord({ identity_info: large }), { route: "PassRecord" }).report,
    understood(passRecord({}, { box_fiqa_info: large }), { route: "LiveEvent" }).report,
    understood(realtime({}, { grab_fiqa_info: large })).report,
  ];

  it("loses free-form members, the least needed first, until it fits", () => {
    const { detail, ...head } = eventRecorded(stored(...reports), announcing);
    const { event } = detail;
    expect(Buffer.byteLength(JSON.stringify({ ...head, detail }))).toBeLessThan(busEntryBytes);
    expect(event.extra).toEqual({});
    expect(event.quality).toMatchObject({ box: large, grab: large });
    expect(event.person).toMatchObject({ info: large });
    expect(busSchemas["Face Event Recorded"].safeParse(detail).error).toBeUndefined();
  });
});

describe("the announcement of a person's decision", () => {
  const event = merge(stored(understood(history()).report));
  const at = "2026-03-01T12:00:10.000Z";
  const by = { account: "acc_1", name: "Jonas Keller" };
  const declined = (note: string | null, told: typeof event | null = null) =>
    actionDeclined(
      {
        action: { id: "act_1", eventId: "evt_1", wantAction: "1001" },
        decline: { reason: "delivery", note, at },
        by,
      },
      told,
    );
  const acknowledgement = { id: "ack_1", events: ["evt_1"], reason: "let-in" as const, note: null, at, by };

  it("names a declined action, with its event only if events are announced", () => {
    const entry = declined("left the parcel");
    expect(entry).toMatchObject({ detailType: "Action Declined", time: at, detail: { action: "act_1", by, at } });
    expect(busSchemas["Action Declined"].safeParse(entry.detail).error).toBeUndefined();
    expect(entry.detail).not.toHaveProperty("event");
    expect(declined(null, event).detail).toMatchObject({ event: { id: "evt_1" } });
  });

  it("has another id after a decline was taken back and given anew", () => {
    expect(declined("a").id).toBe(declined("a").id);
    expect(declined("a").id).not.toBe(declined("b").id);
  });

  it("names acknowledged events, with the newest only if events are announced", () => {
    const entry = eventAcknowledged(acknowledgement, null);
    expect(entry).toMatchObject({
      id: "ack_1",
      detailType: "Event Acknowledged",
      time: at,
      detail: { acknowledgement },
    });
    expect(busSchemas["Event Acknowledged"].safeParse(entry.detail).error).toBeUndefined();
    expect(entry.detail).not.toHaveProperty("event");
    expect(eventAcknowledged(acknowledgement, event).detail).toMatchObject({ event: { id: "evt_1" } });
  });

  it("names a visitor who has come, with one id for each visit and flag", () => {
    const times = { validFrom: null, validUntil: "2026-03-04T18:00:00.000Z" };
    const visit = {
      id: "vis_1",
      action: "act_1",
      library: "gate-1",
      person: "7",
      name: "Ada",
      host: "Grace",
      ...times,
    };
    const detail = { visit, flags: [], at: event.time, begin: event.timestamp };
    const whole = stored(understood(history()).report);
    const announcing = { now: event.timestamp + 500, announcesEvents: false };
    const entry = visitorArrived(detail, { stored: whole, shown: event }, announcing);
    expect(entry).toMatchObject({ detailType: "Visitor Arrived", time: event.time, detail: { visit, age_ms: 500 } });
    expect(busSchemas["Visitor Arrived"].safeParse(entry.detail).error).toBeUndefined();
    expect(entry.detail).not.toHaveProperty("event");
    const ids = [[], ["before-visit" as const], []].map(
      (flags) =>
        visitorArrived({ ...detail, flags }, { stored: whole, shown: event }, { ...announcing, announcesEvents: true })
          .id,
    );
    expect(ids).toEqual([entry.id, expect.not.stringMatching(entry.id), entry.id]);
    const another = { ...detail, begin: event.timestamp + 1 };
    expect(visitorArrived(another, { stored: whole, shown: event }, announcing).id).not.toBe(entry.id);
  });

  it("names an alarm that is not acknowledged, at the time that it was due", () => {
    const alarm = { events: ["evt_2", "evt_1"], since: "2026-03-04T07:58:00.000Z", minutes: 5 };
    const entry = alarmNotAcknowledged(alarm, null);
    expect(entry).toMatchObject({
      detailType: "Alarm Not Acknowledged",
      time: "2026-03-04T08:03:00.000Z",
      detail: alarm,
    });
    expect(busSchemas["Alarm Not Acknowledged"].safeParse(entry.detail).error).toBeUndefined();
    expect(entry.detail).not.toHaveProperty("event");
    expect(alarmNotAcknowledged(alarm, event).detail).toMatchObject({ event: { id: "evt_1" } });
    // The same alarm has the same id, however it is told.
    expect(alarmNotAcknowledged({ ...alarm, minutes: 9 }, event).id).toBe(entry.id);
    expect(eventIdOf(entry)).toBe("evt_2");
    const empty = alarmNotAcknowledged({ ...alarm, events: [] }, null);
    expect([eventIdOf(empty), empty.id === entry.id]).toEqual([null, false]);
  });

  it("names an evacuation list that begins, and its end", () => {
    const roll = { id: "rol_1", site: "hq", isDrill: false, begunAt: "2026-03-04T08:00:00.000Z" };
    const by = { account: null, name: null };
    const begun = evacuationOf({
      roll: { ...roll, begunBy: by, closedAt: null, closedBy: null },
      people: 3,
      missing: 3,
    });
    const closedAt = "2026-03-04T08:20:00.000Z";
    const ended = evacuationOf({ roll: { ...roll, begunBy: by, closedAt, closedBy: by }, people: 3, missing: 0 });
    expect([begun, ended]).toMatchObject([
      { detailType: "Evacuation Begun", time: roll.begunAt },
      { detailType: "Evacuation Ended", time: closedAt },
    ]);
    expect(begun.id).not.toBe(ended.id);
    for (const { detailType, detail } of [begun, ended]) {
      expect(busSchemas[detailType].safeParse(detail).error).toBeUndefined();
    }
  });

  it("is about the newest of its events", () => {
    expect(eventIdOf(eventAcknowledged({ ...acknowledgement, events: ["evt_2", "evt_1"] }, null))).toBe("evt_2");
    expect(eventIdOf(eventAcknowledged({ ...acknowledgement, events: [] }, null))).toBeNull();
    expect(eventIdOf(declined(null))).toBe("evt_1");
  });
});
