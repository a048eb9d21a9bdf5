import { type JsonObject, mappingSchema } from "@gatepost/protocol";
import { Body, readHere, replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import { MemoryPorts } from "../../support/memory-ports.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { realtime } from "../../support/reports.ts";
import { expectTaught, taughtBodies } from "../../support/taught.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  token = deps.addKey();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  send(deps, { path: `/${token}/HistoryEvent`, body, headers });
const teach = (mapping: JsonObject) => deps.reads.mappings.add(mappingSchema().parse(mapping));

describe("a body of an unknown format", () => {
  it.each(taughtBodies)("$name is kept, and an event once it is taught and replayed", async ({ taught, body }) => {
    if (taught.zone !== undefined) await deps.reads.boxes.writer.set("gate-1", { zone: taught.zone });
    await post(body, taught.headers);
    expect(deps.events()).toEqual([]);
    const { id } = await teach(taught.mapping);
    deps.now += 61_000;
    for (const record of [...deps.records.values()]) await replay(record, deps);
    const events = deps.events().toSorted((a, b) => a.timestamp - b.timestamp);
    expectTaught(events, taught);
    expect(events[0]?.reports).toEqual([
      expect.objectContaining({
        dialect: id,
        dialectName: taught.mapping["name"],
        kind: taught.mapping["kind"] ?? "history",
      }),
    ]);
    expect(events[0]?.flags).toEqual(expect.not.arrayContaining([expect.stringMatching(/unreadable/)]));

    const { body: answer } = await post(body, taught.headers);
    expect(deps.events()).toHaveLength(taught.expect.length);
    if (taught.answer !== undefined) expect(JSON.parse(answer)).toEqual(taught.answer);
    for (const { body: other, sign } of taught.others ?? []) {
      expect(await post(other)).toMatchObject({ status: 200, body: expect.stringContaining('"desc":"OK"') });
      expect(deps.boxStatuses.get(`gate-1 ${sign}`)).toMatchObject({ report: {} });
    }
  });

  it.each(taughtBodies)("$name leaves nothing but what no mapping fits in quarantine", async ({ taught, body }) => {
    await teach(taught.mapping);
    await post(body, taught.headers);
    expect([...deps.records.values()].map(({ reason }) => reason)).toEqual(
      Array.from({ length: taught.quarantined ?? 0 }, () => "unknown-shape"),
    );
  });
});

const gate = {
  name: "Gate",
  when: { is: { op: "pass" } },
  fields: { time: { at: "ts" }, "person.id": { at: "uid" } },
};

describe("a mapping", () => {
  it("is not read for a report that a dialect knows", async () => {
    deps.knownMappings.of = async () => {
      throw new Error("mappings were read");
    };
    expect(await post(realtime())).toMatchObject({ status: 200 });
    expect(deps.events()).toHaveLength(1);
  });

  it("leaves a report that it does not fit in quarantine", async () => {
    await teach({ ...gate, each: "list" });
    await post({ op: "walk", list: "none" });
    await post({ op: "walk", list: [{ op: "walk" }] });
    expect([...deps.records.values()].map(({ reason }) => reason)).toEqual(["unknown-shape", "unknown-shape"]);
  });

  it("reads levels of the path or topic as texts, also in a replay", async () => {
    const fields = {
      ...gate.fields,
      "device.id": { at: { topic: 1 } },
      "device.direction": { at: { topic: 2 }, values: { entry: "in" } },
      "device.name": { at: { topic: 9 } },
    };
    const path = `/${token}/doors/north/entry`;
    await send(deps, { path, body: { op: "pass", ts: 1_772_366_400, uid: "7" } });
    await teach({ ...gate, fields });
    deps.now += 61_000;
    for (const record of [...deps.records.values()]) await replay(record, deps);
    await send(deps, { path, body: { op: "pass", ts: 1_772_366_400, uid: "7" } });
    expect(deps.events()).toMatchObject([{ device: { id: "north", direction: "in", name: null }, flags: [] }]);
  });

  it("leaves parts of a form that it does not name with the event", async () => {
    const form = (report: string) =>
      [
        "--b\r\nContent-Type: application/json\r\n\r\n",
        report,
        "\r\n--b\r\nContent-Type: image/jpeg\r\nContent-ID: <one>\r\n\r\n",
        jpeg("one"),
        "\r\n--b\r\nContent-Type: image/jpeg\r\nContent-ID: <two>\r\n\r\n",
        jpeg("two"),
        "\r\n--b--\r\n",
      ].map((part) => Buffer.from(part));
    const headers = { "content-type": "multipart/related; boundary=b" };
    await teach({ ...gate, pictures: { face: "shot", scene: "view" } });
    await post(Buffer.concat(form('{"op":"pass","uid":"7","ts":1763600400,"shot":"one"}')), headers);
    expect(deps.events()[0]?.pictures.face?.sha256).toBe(sha256(jpeg("one")));
    await teach({ ...gate, name: "list", each: "list" });
    await post(
      Buffer.concat(form('{"list":[{"op":"pass","uid":"8","ts":1763600400},{"op":"pass","uid":"9","ts":1763600400}]}')),
      headers,
    );
    expect(deps.events()).toHaveLength(3);
    const kept = [...deps.records.values()];
    expect(kept.map(({ reason }) => reason)).toEqual(["part", "part"]);
    expect(kept.every(({ body }) => Buffer.from(body).includes(jpeg("two")))).toBe(true);
  });

  it("reads XML in a part of a form as any text", async () => {
    await teach({ ...gate, when: { has: ["uid", "note"] } });
    const part = (name: string, text: string) =>
      `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${text}\r\n`;
    const body = `${part("note", "<a><b>eventType</b></a>")}${part("uid", "7")}--b--\r\n`;
    await post(Buffer.from(body), { "content-type": "multipart/form-data; boundary=b" });
    expect(deps.events()[0]).toMatchObject({ person: { id: "7" }, extra: { note: "<a><b>eventType</b></a>" } });
  });

  it("reads attributes of XML, which no dialect gets", async () => {
    await teach({ ...gate, when: { has: ["Pass.@uid", "Pass.@ts"] }, fields: { time: { at: "Pass.@ts" } } });
    const known =
      "<macAddress>00:11:22:33:44:66</macAddress><eventType>AccessControllerEvent</eventType><dateTime>2026-02-24T18:00:05+08:00</dateTime>";
    const report = `<majorEventType unit="x">5</majorEventType><subEventType>1</subEventType><cardNo form="y">12</cardNo><employeeNoString>7</employeeNoString>`;
    await post(
      `<EventNotificationAlert version="2.0">${known}<AccessControllerEvent>${report}</AccessControllerEvent></EventNotificationAlert>`,
    );
    await post('<Pass uid="8" ts="1763600400" op="pass"/>');
    await teach({ ...gate, when: { has: ["Other.@uid", "Other.@ts"] } });
    await post('<Other uid="9"/>');
    const [ofTerminal, taught, ...others] = deps.events().toSorted((a, b) => b.timestamp - a.timestamp);
    expect(taught?.extra).toEqual({ Pass: { "@uid": "8", "@op": "pass" } });
    expect(ofTerminal).toMatchObject({ card: "12", person: { id: "7" } });
    expect(JSON.stringify(ofTerminal)).not.toContain('"@');
    expect([others, Buffer.from(deps.lastRecord.body).toString()]).toEqual([[], '<Other uid="9"/>']);
  });

  it("reads no XML that is one text", async () => {
    await post("<Pass>text</Pass>");
    await post('<Pass><a b="c">text</Pass>');
    expect(deps.reasons()).toEqual(["not-json", "not-json"]);
  });

  it("masks a key in an attribute", async () => {
    await teach({ ...gate, when: { has: ["Pass.@uid", "Pass.@ts"] }, fields: { "person.id": { at: "Pass.@uid" } } });
    await post(`<Pass uid="8" ts="1763600400" key="${token}"/>`);
    expect(deps.events()).toHaveLength(1);
    expect(deps.everything()).not.toContain(token);
  });

  it("has a report with a repeated name kept with the event", async () => {
    await teach(gate);
    await post('{"op":"pass","uid":"7","ts":1763600400,"note":{"a":[1,2,3]},"note":{"b":[4,5,6]}}');
    const event = { id: deps.events()[0]?.id };
    expect([...deps.records.values()]).toMatchObject([{ reason: "duplicate-keys", event }]);
  });

  it("gives way to a dialect that knows the report", async () => {
    await teach({ ...gate, when: { is: { identity_id: "888001" } } });
    await post(realtime());
    expect(deps.events()[0]?.reports[0]?.dialect).toBe("se3-realtime");
  });

  it("is taken if it is of the box, and then if it has most conditions", async () => {
    await teach({ ...gate, name: "every box", when: { is: { op: "pass" }, has: ["uid", "ts"] } });
    await teach({ ...gate, name: "own", box: "gate-1" });
    await teach({ ...gate, name: "own and narrow", box: "gate-1", when: { is: { op: "pass" }, has: ["uid"] } });
    await teach({ ...gate, name: "another box", box: "gate-2", when: { is: { op: "pass" }, has: ["uid", "ts"] } });
    await post({ op: "pass", uid: "7", ts: 1763600400 });
    expect(deps.events()[0]?.reports[0]?.dialectName).toBe("own and narrow");
  });

  it("takes a heartbeat that meets the conditions of a passing for a sign", async () => {
    const signs = [{ when: { is: { beat: true } }, sign: "heartbeat" }];
    await teach({ ...gate, when: { has: ["op", "ts"] }, signs });
    await post({ op: "pass", ts: 1763600400, beat: true });
    expect([deps.events(), deps.boxStatuses.size, deps.records.size]).toEqual([[], 1, 0]);
  });

  it("is preferred if it is for the box, also with its signs", async () => {
    const beats = { signs: [{ when: { is: { op: "pass" } }, sign: "heartbeat" }] };
    await teach({ ...gate, name: "every box", when: { is: { op: "pass", way: "1" } }, ...beats });
    await teach({ ...gate, name: "own", box: "gate-1" });
    await post({ op: "pass", uid: "7", ts: 1763600400, way: "1" });
    expect(deps.events()[0]?.reports[0]?.dialectName).toBe("own");
    await teach({ ...gate, name: "own beats", box: "gate-1", when: { is: { op: "pass", uid: "8" } }, ...beats });
    await post({ op: "pass", uid: "8", ts: 1763600400, way: "1" });
    expect([deps.events().length, deps.boxStatuses.size]).toEqual([1, 1]);
  });

  it("reads each element of a list by the mapping that fits it best", async () => {
    await teach({ ...gate, name: "passes", each: "list" });
    await teach({ ...gate, name: "exits", each: "list", when: { is: { op: "exit" } } });
    await teach({ ...gate, name: "rows of another list", each: "other.list", when: { has: ["op", "uid", "ts"] } });
    await teach({ ...gate, name: "single", when: { is: { op: "walk" } } });
    const list = ["pass", "exit", "walk", "run"].map((op, at) => ({ op, uid: `${at}`, ts: 1763600400 + at }));
    await post({ list });
    const names = deps.events().map(({ reports }) => reports[0]?.dialectName);
    expect(names.toSorted()).toEqual(["exits", "passes", "single"]);
    expect([...deps.records.values()].map(({ reason }) => reason)).toEqual(["unknown-shape"]);
  });

  it.each([
    ["method", "face"],
    ["messageKey", "k"],
    ["deviceStatus", 1],
    ["cameraInfo", [{ id: 1 }]],
    ["gateway_sn", { a: [1] }],
  ])("reads a body with %s at its root, which is no status", async (name, value) => {
    await post({ op: "pass", uid: "7", ts: 1763600400, success: true, [name]: value, more: { of: "it" } });
    expect(deps.reasons()).toEqual([expect.stringMatching("^unclear-notice:")]);
    await teach(gate);
    deps.now += 61_000;
    for (const record of [...deps.records.values()]) await replay(record, deps);
    expect(deps.events()).toMatchObject([{ person: { id: "7" } }]);
  });

  it("never reads a status of a box", async () => {
    await teach({ ...gate, when: { is: { method: "setUser" } } });
    await post({ method: "setUser", messageId: "1", success: true });
    expect([deps.events(), [...deps.boxStatuses.keys()]]).toEqual([[], ["gate-1 mq-result"]]);
  });

  it("reads a list of more values than a report may have", async () => {
    await teach({ ...gate, each: "list" });
    const element = (uid: string) => ({ op: "pass", uid, ts: 1763600400, points: Array(7000).fill(1) });
    await post({ list: [element("7"), element("8"), element("9"), { ...element("10"), more: Array(14_000).fill(1) }] });
    expect(deps.events().map(({ person }) => person.id)).toEqual(["7", "8", "9"]);
    expect(deps.reasons()).toEqual(["too-many-values"]);
  });

  it("reads no known body of too many values", async () => {
    await teach({ ...gate, each: "list", when: { has: ["uid", "ts"] } });
    const list = [{ uid: "7", ts: 1763600400, points: Array(21_000).fill(1) }];
    await post({ ...realtime(), list });
    await post({ ...realtime(), method: "x", list });
    await post({ identity_id: "7", timestamp: 1763600400000, list });
    await post({ dev_sno: "1", sub_devices: list });
    await post({ dev_sno: "1", sub_devices: [], media_devices: Array(21_000).fill(1) });
    expect(deps.events()).toEqual([]);
    expect(new Set(deps.reasons())).toEqual(new Set(["too-many-values"]));
  });

  it("keeps the rest of a body with its first passing, behind signs of life", async () => {
    const signs = [{ when: { is: { op: "beat" } }, sign: "heartbeat" }];
    await teach({ ...gate, each: "list", signs });
    const list = [{ op: "beat" }, { op: "pass", uid: "7", ts: 1763600400 }];
    const head = { note: "n".repeat(2000) };
    await post({ list, head });
    expect(deps.events()[0]?.extra).toMatchObject({ envelope: { head } });
    await post({ list: [{ ...list[0] }, { ...list[1], uid: "8" }], snap: photo("beside").repeat(200) });
    expect(deps.reasons()).toEqual(["unwrapped"]);
    await post({ list: [{ op: "beat" }], snap: photo("beside").repeat(200) });
    expect([deps.events().length, deps.reasons()]).toEqual([2, ["unwrapped"]]);
  });

  it("keeps an element that is no report", async () => {
    await teach({ ...gate, each: "list" });
    await post({ list: [{ op: "pass", uid: "7", ts: 1763600400 }, "text", ["row"]] });
    expect(deps.events()).toHaveLength(1);
    expect(deps.reasons()).toEqual(["not-an-object", "not-an-object"]);
  });

  it("keeps the time of a row that cannot be used, at its number", async () => {
    await teach({ ...gate, each: "rows", when: { has: ["[0]", "[1]"] }, fields: { time: { at: "[1]" } } });
    await post({ rows: [["7", "yesterday", "x"]] });
    expect(deps.events()[0]).toMatchObject({ extra: { "0": "7", "1": "yesterday", "2": "x" } });
    expect(deps.events()[0]?.flags).toContain("field-unreadable:1");
  });

  it("has a person of an unknown type in a report that names none", async () => {
    await teach({ ...gate, fields: { ...gate.fields, "person.name": { at: "name" }, card: { at: "card" } } });
    await post({ op: "pass", ts: 1763600400, card: "12" });
    await post({ op: "pass", ts: 1763600401, name: "Ada" });
    expect(deps.events().map(({ person }) => person.type)).toEqual(["unknown", "employee"]);
  });

  it("takes a value for its row also if it has blanks at its ends", async () => {
    const values = { " in ": "in", out: "out" };
    await teach({ ...gate, fields: { ...gate.fields, "device.direction": { at: "way", values } } });
    for (const [at, way] of [" in ", "in", " out"].entries())
      await post({ op: "pass", uid: `${at}`, ts: 1763600400, way });
    expect(deps.events().map(({ device }) => device.direction)).toEqual(["in", "in", "out"]);
    await teach({
      ...gate,
      when: { is: { op: "walk" } },
      fields: { "person.id": { at: "uid" }, method: { at: "way", values: { in: "a", " in": "b" } } },
    });
    for (const [at, way] of [" in", "in", "in "].entries()) await post({ op: "walk", uid: `w${at}`, way });
    expect(deps.events().map(({ method }) => method)).toEqual([null, null, null, "b", "a", "a"]);
  });

  it("quotes in its answer a value beside the list", async () => {
    const answer = {
      body: { seq: { at: "^.head.seq" }, id: { at: "uid" }, none: { at: "^.uid" }, own: { at: '["^"].x' } },
    };
    await teach({ ...gate, each: "list", answer });
    const element = { op: "pass", uid: "7", ts: 1763600400, "^": { x: 1 } };
    const listed = await post({ head: { seq: 12 }, list: [element] });
    expect(JSON.parse(listed.body)).toEqual({ seq: 12, id: "7", none: null, own: 1 });
    await teach({ ...gate, when: { is: { op: "walk" } }, answer });
    const single = await post({ ...element, op: "walk", uid: "8", head: { seq: 13 } });
    expect(JSON.parse(single.body)).toEqual({ seq: 13, id: "8", none: "8", own: 1 });
  });

  it("reads nothing while it is off", async () => {
    await teach({ ...gate, isOn: false });
    await post({ op: "pass", uid: "7", ts: 1763600400 });
    expect(deps.events()).toEqual([]);
  });

  it("flags a value that does not fit, and keeps it at its place", async () => {
    await teach({ ...gate, fields: { ...gate.fields, score: { at: "quality.score" } } });
    await post({ op: "pass", uid: "7", ts: "yesterday", quality: { score: [1], sharp: true } });
    const [event] = deps.events();
    expect(event?.flags).toEqual(expect.arrayContaining(["field-unreadable:ts", "field-unreadable:quality.score"]));
    expect(event?.extra).toEqual({ op: "pass", ts: "yesterday", quality: { score: [1], sharp: true } });
  });

  it("reads a long list some reports at a time", async () => {
    await teach({ ...gate, each: "list" });
    const list = Array.from({ length: 250 }, (_, at) => ({ op: "pass", uid: `${at}`, ts: 1763600400 }));
    const origin = { box: "gate-1", path: "/HistoryEvent", headers: {}, receivedAt: deps.now, event: null };
    using held = deps.room.hold("gate-1");
    const reading = await readHere(new Body(JSON.stringify({ list })), origin, {
      held,
      settings: deps.settings,
      zone: async () => null,
      mappings: () => deps.knownMappings.of("gate-1"),
    });
    const lengths: number[] = [];
    for (let some = await reading.next(); some.length > 0; some = await reading.next()) lengths.push(some.length);
    expect(lengths).toEqual([100, 100, 50]);
  });

  it("keeps a second picture of a kind", async () => {
    await teach({ ...gate, pictures: { face: ["near", "far"] } });
    await post({ op: "pass", uid: "7", ts: 1763600400, near: photo("near"), far: photo("far") });
    const [event] = deps.events();
    expect(event?.pictures.face?.sha256).toBe(sha256(jpeg("near")));
    expect(event?.extra).toEqual({ op: "pass", far: photo("far") });
  });

  it("keeps a value that no row of a table has", async () => {
    await teach({ ...gate, fields: { ...gate.fields, "device.direction": { at: "way", values: { "1": "in" } } } });
    await post({ op: "pass", uid: "7", ts: 1763600400, way: "9" });
    expect(deps.events()[0]).toMatchObject({ device: { direction: null }, extra: { op: "pass", way: "9" } });
  });

  it("never touches a prototype", async () => {
    const path = '["__proto__"].polluted';
    await teach({ ...gate, fields: { ...gate.fields, reason: { at: path }, method: { at: "constructor.name" } } });
    await post('{"op":"pass","uid":"7","ts":1763600400,"__proto__":{"polluted":"yes"}}');
    expect(deps.events()[0]).toMatchObject({ reason: "yes", method: null });
    expect({}).not.toHaveProperty("polluted");
  });

  it("is left out if it cannot be read, which is logged once", async () => {
    const { id } = await teach(gate);
    await deps.items.write({ pk: id, set: { mapping: "{" } });
    deps.now += 61_000;
    await post({ op: "pass", uid: "7", ts: 1763600400 });
    await post({ op: "pass", uid: "8", ts: 1763600400 });
    expect([...deps.records.values()].map(({ reason }) => reason)).toEqual(["unknown-shape", "unknown-shape"]);
    expect(deps.knownMappings.concerns()).toEqual([expect.stringContaining(id)]);
    expect(deps.lines.filter(({ level }) => level === "error")).toHaveLength(1);
  });

  it("repeats nothing long in an answer", async () => {
    await teach({ ...gate, answer: { body: { seq: { at: "seq" }, note: { at: "note" } } } });
    const { body } = await post({ op: "pass", uid: "7", ts: 1763600400, seq: "12", note: "x".repeat(1_000_000) });
    expect(JSON.parse(body)).toEqual({ seq: "12", note: null });
  });

  it("keeps the rest of a body if no event can have it as its envelope", async () => {
    await teach({ ...gate, each: "list" });
    await post({ list: [{ op: "pass", uid: "7", ts: 1763600400 }], snap: photo("beside").repeat(200) });
    expect(deps.events()).toHaveLength(1);
    expect([...deps.records.values()]).toMatchObject([{ reason: "unwrapped", event: { id: deps.events()[0]?.id } }]);
    expect(Buffer.from(deps.lastRecord.body).includes(photo("beside"))).toBe(true);
  });
});
