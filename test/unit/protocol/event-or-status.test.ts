import { boxStatusKinds, interpret, isEvent, type JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyJson } from "../../support/arbitraries.ts";
import { boxStatusFixtures, eventFixtures, fixture } from "../../support/fixtures.ts";
import { photo } from "../../support/pictures.ts";
import { arrival, history, omitMember, realtime } from "../../support/reports.ts";

/** The result for a body: `event`, the kind of box status, or the reason for quarantine. */
function takenFor(body: JsonObject): string {
  const interpretation = interpret(body, arrival);
  if ("passing" in interpretation) return "event";
  return "boxStatus" in interpretation ? interpretation.boxStatus.kind : interpretation.unreadable;
}

const statuses = boxStatusFixtures().map(([kind, name]) => fixture(kind, name));
/** Single members that once made a box status of any event. */
const signs: JsonObject[] = [
  { method: "POST" },
  { messageKey: "k", result: {} },
  { message_key: "k", success: true },
  { gateway_sn: "1" },
  { gateway_status: "online" },
  { gateway_ext_data: {} },
  { sub_devices: [] },
  { devSno: "S", deviceList: [] },
  { deviceStatus: 0 },
  { device_status: "online" },
  { cameraInfo: [] },
];

describe("an event of any documented form", () => {
  it.each(eventFixtures())("is recognized: %s, %s", (dialect, name) => {
    expect(isEvent(fixture(dialect, name))).toBe(true);
  });

  it.each(eventFixtures())("is still an event beside every sign of a box status: %s, %s", (dialect, name) => {
    const event = fixture(dialect, name);
    for (const more of [...signs, ...statuses, Object.assign({}, ...signs)]) {
      expect(takenFor({ ...more, ...event })).toBe("event");
    }
  });

  it("keeps these signs in extra", () => {
    const interpretation = interpret({ ...realtime(), method: "POST", gateway_sn: "1", deviceStatus: 0 }, arrival);
    expect(interpretation).toMatchObject({
      passing: {
        report: { person: { id: "888001" }, extra: { method: "POST", gateway_sn: "1", deviceStatus: 0 } },
        keepWhole: null,
      },
    });
  });
});

const event = JSON.stringify(realtime());
const twoEvents = JSON.stringify({ in: realtime(), out: realtime() });
const form = `identity_id=7&timestamp=${realtime()["timestamp"]}&score=0.9`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a box status", () => {
  it.each(boxStatusFixtures())("is not an event: %s, %s", (kind, name) => {
    expect(isEvent(fixture(kind, name))).toBe(false);
    expect(takenFor(fixture(kind, name))).toBe(kind);
  });

  it("may have members that a newer firmware adds to a gateway's status", () => {
    const more = { fan: 3, uptime: "2 days", led: null, gateway_slot: { a: 1 }, timestamp: 1, "gateway_port ": 80 };
    expect(takenFor({ ...fixture("status", "complete"), ...more })).toBe("status");
  });

  it("may have a time, or a number of people, that a newer firmware adds", () => {
    const bootedAt = new Date(arrival.receivedAt).toISOString();
    for (const more of [{ bootedAt }, { personNum: 120 }])
      expect(takenFor({ ...fixture("status", "complete"), ...more })).toBe("status");
  });

  it.each<[string, JsonObject]>([
    ["the address of a stream", { ep_url: "rtsp://10.0.0.9:554/live?userId=1&token=eyJhbGciOiJIUzI1NiJ9" }],
    ["a picture", { last: `${photo("a")}eyJewo` }],
    ["a version in JSON", { version: JSON.stringify({ software: "2.2.1", build: "2026-03-01" }) }],
    ["a word in JSON", { version: '{"timestamp":1}' }],
  ])("may have a text that is no message: %s", (_, device) => {
    expect(takenFor({ dev_sno: "A", sub_devices: [device] })).toBe("device-status");
  });

  it.each(["e3b0c442-98fc-1c14-9afb-f4c8996fb924", "DSKYXA539912643549978366"])(
    "may have an id that begins as base64: %s",
    (messageId) => {
      expect(takenFor({ method: "wipe_data", messageId, success: true })).toBe("mq-result");
    },
  );

  it.each<[string, JsonObject, string]>([
    ["a command with a member that no command has", { method: "wipe_data", hello: 1 }, "mq-result"],
    ["a platform's with one", { deviceStatus: 0, hello: 1 }, "platform-device-status"],
    ["a status with an id of a person", { gateway_sn: "1", identity_id: "1" }, "status"],
    ["a status with a picture", { gateway_sn: "1", spot_pic: photo("a") }, "status"],
    ["a status with an unknown object", { gateway_sn: "1", last: {} }, "status"],
    ["a status with an unknown list", { gateway_sn: "1", last: [] }, "status"],
    ["a status with an unknown long text", { gateway_sn: "1", last: "x".repeat(65) }, "status"],
    [
      "a status with a person and a time that no format names",
      { gateway_sn: "1", personNo: "P9", passTime: new Date(arrival.receivedAt).toISOString() },
      "status",
    ],
    ["a device list with an event in it", { devSno: "S", deviceList: [realtime()] }, "device-sync"],
    [
      "the devices of a box, with an event deep in one",
      { dev_sno: "S", sub_devices: [{ last: { event: history() } }] },
      "device-status",
    ],
    ["a result with an event for its ext_data", { messageKey: "k", result: 1, ext_data: realtime() }, "mq-result"],
    ["the devices of a box, with an event as text", { dev_sno: "A", sub_devices: [{ in: event }] }, "device-status"],
    ["a command with two events as text in a text", { method: "report", message: twoEvents }, "mq-result"],
    ["a status with an event as text", { gateway_sn: "g", gateway_ext_data: { last: event } }, "status"],
    ["a command with an event as base64", { method: "x", extend_params: { c: base64(event) } }, "mq-result"],
    [
      "a command with an event as base64 of UTF-16",
      { method: "x", extend_params: { c: Buffer.from(event, "utf16le").toString("base64") } },
      "mq-result",
    ],
    [
      "a command with an event as base64, with names in escapes",
      { method: "x", extend_params: { c: base64(event.replaceAll("i", "\\u0069")) } },
      "mq-result",
    ],
    ["a command with an event in a log", { method: "x", message: `sent: ${event}` }, "mq-result"],
    ["a command with an event as a form", { method: "x", message: form }, "mq-result"],
  ])("is quarantined if it may be more than that: %s", (_, body, kind) => {
    expect(takenFor(body)).toBe(`unclear-notice:${kind}`);
  });
});

describe("a body that contains an event", () => {
  const anyEvent = fc.constantFrom(...eventFixtures()).map(([dialect, name]) => fixture(dialect, name));
  const anyMore = fc.oneof(
    fc.constantFrom(...statuses),
    fc.subarray(signs, { minLength: 1 }).map((some) => Object.assign({}, ...some)),
  );

  it("is never taken for a box status, with anything else at its root", () => {
    fc.assert(
      fc.property(anyEvent, anyMore, anyJson, (event, more, value) => {
        expect(takenFor({ ...more, ...event, door: value })).toBe("event");
      }),
    );
  });

  it("is never taken for a box status, even if some of it was lost", () => {
    fc.assert(
      fc.property(anyEvent, anyMore, fc.nat(), (event, more, at) => {
        const names = Object.keys(event);
        const left = omitMember(names[at % names.length] ?? "", event);
        // An id and a time alone do not make a passing.
        fc.pre(Object.keys(left).some((name) => name !== "timestamp" && name !== "_id"));
        const body = { ...more, ...left };
        expect(takenFor(body)).not.toBeOneOf([...boxStatusKinds]);
      }),
    );
  });

  it("is never taken for a box status, wherever the event is in it", () => {
    fc.assert(
      fc.property(anyEvent, anyMore, fc.nat(), fc.integer({ min: 0, max: 9 }), (event, more, at, levels) => {
        const names = [...Object.keys(more), "last"];
        const inner = Array.from({ length: levels }).reduce<JsonObject>((value) => ({ value: [value] }), event);
        const texts = [JSON.stringify(inner), base64(JSON.stringify(inner)), JSON.stringify({ a: [event], b: event })];
        for (const last of [inner, ...texts, { value: texts }]) {
          expect(takenFor({ ...more, [names[at % names.length] ?? ""]: last })).not.toBeOneOf([...boxStatusKinds]);
        }
      }),
    );
  });
});
