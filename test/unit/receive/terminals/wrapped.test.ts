import type { Json, JsonObject } from "@gatepost/protocol";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import {
  envelopes,
  messageIn,
  messageWith,
  wordsBeside,
  wordsBesideIn,
  wrappedTerminals,
} from "../../../support/envelopes.ts";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { history } from "../../../support/reports.ts";
import { bodyOfParts } from "../../../support/wrappings.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  deps.now = Date.parse("2026-11-05T12:02:00+08:00");
  token = deps.addKey();
});

async function become(body: Json | Buffer) {
  await send(deps, { path: `/${token}/any`, body: Buffer.isBuffer(body) ? body : JSON.stringify(body) });
  return deps
    .events()
    .map(({ person }) => person.id)
    .sort();
}
const reasons = () => deps.reasons();
const { hikvision = () => ({}), dahua = () => ({}), uniview = () => ({}) } = wrappedTerminals;
const cases = Object.entries(wrappedTerminals).flatMap(([make, reportOf]) =>
  envelopes.flatMap((name) => {
    const message = messageWith(name, reportOf);
    return message === null ? [] : [[make, name, message] as const];
  }),
);

describe("a report of a terminal that an integrator wrapped", () => {
  it.each(cases)("of %s is an event with its envelope, as in %s.json", async (_, name, message) => {
    const people = await become(message);
    expect(people).toEqual(people.length === 2 ? ["888001", "888002"] : ["888001"]);
    const words = deps.events().flatMap(({ extra }) => wordsBeside((extra["envelope"] ?? null) as Json));
    expect([...new Set(words)].sort()).toEqual([...new Set(wordsBesideIn(messageIn(name)))].sort());
    expect(reasons()).toEqual([]);
    expect(deps.everything()).not.toContain("SECRET");
    expect(await become(message)).toEqual(people);
  });

  it("is the same event as without its wrapping", async () => {
    await become({ payload: hikvision("7") });
    expect(await become(hikvision("7"))).toEqual(["7"]);
  });

  it("may be a form of parts in base64, with its picture", async () => {
    const form = bodyOfParts([
      ["Content-Disposition: form-data; name=event_log", JSON.stringify(hikvision("7"))],
      ["Content-Disposition: form-data; name=Picture\r\nContent-Type: image/jpeg", jpeg("wrapped")],
    ]);
    expect(await become({ isBase64Encoded: true, body: form.toString("base64") })).toEqual(["7"]);
    expect(deps.events()[0]?.pictures.face?.sha256).toBe(sha256(jpeg("wrapped")));
    expect(reasons()).toEqual([]);
  });

  it("may be XML in a text", async () => {
    const xml =
      "<EventNotificationAlert><macAddress>00:11</macAddress><dateTime>2026-11-05T12:00:05+08:00</dateTime>" +
      "<eventType>AccessControllerEvent</eventType><AccessControllerEvent><subEventType>75</subEventType>" +
      "<employeeNoString>0042</employeeNoString></AccessControllerEvent></EventNotificationAlert>";
    expect(await become({ headers: { host: "n8n" }, body: xml })).toEqual(["0042"]);
    expect(deps.events()[0]?.extra["envelope"]).toEqual({ headers: { host: "n8n" } });
  });

  it("may be in a list with a report of a box", async () => {
    expect(await become({ data: [hikvision("7"), history({ identity_id: "8" })] })).toEqual(["7", "8"]);
    expect(reasons()).toEqual([]);
  });

  it("may be in a list with a sign of life", async () => {
    const heartbeat = { eventType: "heartBeat", macAddress: "m", eventState: "active" };
    expect(await become([heartbeat, hikvision("7")])).toEqual(["7"]);
    expect([reasons(), deps.notes.of("gate-1")?.kinds.heartbeat?.count]).toEqual([[], 1]);
  });

  it("is kept in its wrapping without templates for a broken picture", async () => {
    const broken = { ...uniview("7"), FaceInfoList: [{ Timestamp: 1793851205, FaceImage: { Data: "?" } }] };
    expect(await become({ topic: "t", payload: broken })).toEqual(["7"]);
    expect(reasons()).toEqual(["picture"]);
    const kept = Buffer.from(deps.lastRecord.body).toString();
    expect(JSON.parse(kept)).toMatchObject({ topic: "t", payload: { DeviceCode: "FAKE1" } });
    expect(deps.everything()).not.toContain("SECRET");
    await replay(deps.lastRecord, deps);
    expect([deps.events().length, Buffer.from(deps.lastRecord.body).toString()]).toEqual([1, kept]);
  });

  it("is also kept if too much is beside it", async () => {
    expect(await become({ note: "x".repeat(20_000), payload: dahua("7") })).toEqual(["7"]);
    expect(reasons()).toEqual(["unwrapped"]);
    expect(JSON.parse(Buffer.from(deps.lastRecord.body).toString())["note"]).toHaveLength(20_000);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it.each<[string, JsonObject]>([
    ["a heartbeat", { payload: { eventType: "heartBeat", macAddress: "m", eventState: "active" } }],
    ["an empty list", { data: { Events: [] }, person: { no: 7 } }],
    ["a device and a time", { device: { DeviceCode: "7", Time: "2026" }, person: { no: 7 } }],
    ["a code and an action", { meta: { Code: "OK", Action: "insert" }, person: { no: 7 } }],
    ["two passings in two members", { a: hikvision("7"), b: hikvision("8") }],
    ["a text of too little", { body: "Code eventType <a>" }],
  ])("is none in a wrapping with %s, which is kept whole", async (_, body) => {
    expect(await become(body)).toEqual([]);
    expect(reasons()).toEqual(["unknown-shape"]);
    expect(JSON.parse(Buffer.from(deps.lastRecord.body).toString())).toEqual(body);
  });
});
