import { type Json, type JsonObject, mappedReaderOf, mappingSchema } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { photo } from "../../support/pictures.ts";
import {
  history,
  noon,
  omitMember,
  passRecord,
  realtime,
  received,
  stranger,
  understood,
} from "../../support/reports.ts";

const idOf = (body: JsonObject, box = "gate-1") => understood(body, { box }).eventId;
const face = (seed: string) => ({ recognize_face: photo(seed) });
const scene = (seed: string) => ({ spot_pic: photo(seed) });
const lines = (text: string) => text.replaceAll(/.{76}/g, "$&\r\n");

it("never changes for a report: stored events are found by it", () => {
  expect(idOf(history())).toBe("evt_ztd8k7bcrtmk40hb8sxp3ve9d4");
});

it.each(eventFixtures())("has no control character in the id of the person: %s %s", (dialect, name) => {
  const withId = (id: string) => {
    const named = (member: string, value: Json) => (/^(identity_id|userId)$/.test(member) ? id : value);
    const body: JsonObject = JSON.parse(JSON.stringify(fixture(dialect, name)), named);
    return understood(body, { route: routeOf(dialect) }).report.person?.id;
  };
  expect(withId("4\t2\0")).toBe("4\ufffd2");
  expect(withId("\0 \t")).toBeUndefined();
});

describe("the passing of a known person", () => {
  it("is one in real-time, which knows only the address, and in history", () => {
    expect(idOf(realtime())).toBe(idOf(history({ score: 0.9, want_action: "1002" }, face("a"))));
  });

  it("is one in history that names its device by ep_id alone", () => {
    expect(idOf(history({}, { device_ip: "" }))).toBe(idOf(realtime()));
  });

  it("is one despite another picture, score, name or type", () => {
    expect(idOf(history({ identity_name: "x", score: 1 }, { person_type: 5, ...face("a") }))).toBe(idOf(history()));
  });

  it("is one for a time in any unit", () => {
    expect(idOf(history({ timestamp: `${noon / 1000}` }))).toBe(idOf(history()));
    expect(idOf(history({ timestamp: "2026-03-01T20:00:00+08:00" }))).toBe(idOf(history()));
  });

  it("is one for an id as text or as number", () => {
    expect(idOf(history({ identity_id: 888001 }))).toBe(idOf(history()));
  });

  it("uses the id without the half of a surrogate pair, as clients query it", () => {
    const sent = understood(history({ identity_id: "7\ud83d" }));
    expect(sent.report.person?.id).toBe("7\ufffd");
    expect(sent.eventId).toBe(idOf(history({ identity_id: "7\ufffd" })));
  });

  it.each([
    ["an address with a blank", history({}, { device_ip: "192.168.1.60 " })],
    ["an address with zeros in front", history({}, { device_ip: "192.168.001.060" })],
    ["an id with invisible characters around it", history({ identity_id: "\ufeff888001\u200b" })],
    ["an ep_id with a blank alone", history({}, { device_ip: "", ep_id: "SNO1__192.168.1.60 " })],
    ["a blank address beside an ep_id", history({}, { device_ip: null, ep_id: "SNO1__192.168.1.060" })],
  ])("is one with %s, which is shown as sent", (_, body) => {
    const { eventId, report } = understood(body);
    expect(eventId).toBe(idOf(history()));
    expect(report.person?.id).toBe(body["identity_id"]);
  });

  it.each([
    ["\0", "\u0007 \0"],
    ["\n\u0085", ""],
  ])("drops %j in front of the id and %j behind it", (front, behind) => {
    const { eventId, report } = understood(history({ identity_id: `${front}888001${behind}` }));
    expect([eventId, report.person?.id]).toEqual([idOf(history()), "888001"]);
  });

  it("is one without pictures, for any spelling of its ids, names and addresses", () => {
    const [plain, padded] = [
      understood(history()),
      understood(
        history(
          { identity_id: "888001 ", identity_name: "王芳\u0000" },
          { device_ip: "192.168.001.060", ep_id: "SNO1__192.168.1.60 ", dev_sno: "SNO1 " },
        ),
      ),
    ];
    expect([padded.eventId, padded.fingerprint]).toEqual([plain.eventId, plain.fingerprint]);
  });

  it("is another one with a zero in front of the id", () => {
    expect(idOf(history({ identity_id: "0123" }))).not.toBe(idOf(history({ identity_id: "123" })));
  });

  it("is known if the type is unknown or missing", () => {
    expect(idOf(history({}, { person_type: 9 }))).toBe(idOf(history()));
    expect(idOf(history({}, { person_type: null }))).toBe(idOf(history()));
  });

  it("does not depend on when it was received", () => {
    const { eventId } = understood(history(), { receivedAt: received + 1e9 });
    expect(eventId).toBe(idOf(history()));
  });

  it("is one in real-time and history of a fast clock, even after that time", () => {
    const timestamp = received + 400 * 24 * 60 * 60 * 1000;
    const ahead = idOf(history({ timestamp, score: 0.9 }, face("a")));
    expect(idOf(realtime({ timestamp }))).toBe(ahead);
    expect(understood(history({ timestamp }), { receivedAt: timestamp }).eventId).toBe(ahead);
  });

  it.each([
    ["person", history({ identity_id: "888002" })],
    ["moment", history({ timestamp: noon + 1 })],
    ["device", history({}, { device_ip: "192.168.1.61" })],
  ])("is another one with another %s", (_, body) => {
    expect(idOf(body)).not.toBe(idOf(history()));
  });

  it("is another one under another box", () => {
    expect(idOf(history(), "gate-2")).not.toBe(idOf(history()));
  });

  it("depends on the cut part of a long id", () => {
    const long = "x".repeat(9_000);
    expect(idOf(history({ identity_id: `${long}1` }))).not.toBe(idOf(history({ identity_id: `${long}2` })));
  });
});

describe("the device of a passing", () => {
  const at = (changes: JsonObject, ext: JsonObject) => idOf(passRecord(changes, { device_ip: "", ...ext }));

  it("is its address before anything else", () => {
    expect(idOf(passRecord({ device_id: "a" }, { ep_id: "A__1" }))).toBe(idOf(passRecord({ device_id: "b" })));
  });

  it("is the address in ep_id, behind the first two underscores", () => {
    expect(at({ device_id: "a" }, { ep_id: "A__10.0.0.9__x" })).toBe(
      at({ device_id: "b" }, { ep_id: "B__10.0.0.9__x" }),
    );
    expect(at({}, { ep_id: "A__10.0.0.9__x" })).not.toBe(at({}, { ep_id: "A__10.0.0.9__y" }));
  });

  it("is its id if ep_id has no address", () => {
    expect(at({ device_id: "a" }, { ep_id: "A" })).not.toBe(at({ device_id: "b" }, { ep_id: "A" }));
    expect(at({ device_id: "a" }, { ep_id: "A__" })).toBe(at({ device_id: "a" }, {}));
  });

  it("is absent if none was sent", () => {
    expect(at({ device_id: "" }, {})).toBe(at({ device_id: null }, { device_type: "1" }));
  });
});

describe("the passing of a stranger", () => {
  it("is another one with another face", () => {
    expect(idOf(stranger({}, face("a")))).not.toBe(idOf(stranger({}, face("b"))));
  });

  it("is one with one face, for any id from the box", () => {
    expect(idOf(stranger({ identity_id: "1.5" }, face("a")))).toBe(idOf(stranger({ identity_id: "" }, face("a"))));
  });

  it("is one with one face, however the picture was encoded", () => {
    const encoded = { recognize_face: `data:image/jpeg;base64,${lines(photo("a"))}` };
    expect(idOf(stranger({}, encoded))).toBe(idOf(stranger({}, face("a"))));
  });

  it("is identified by the face before the scene", () => {
    expect(idOf(stranger({}, { ...face("a"), ...scene("x") }))).toBe(
      idOf(stranger({}, { ...face("a"), ...scene("y") })),
    );
  });

  it("is identified by the scene if there is no face", () => {
    expect(idOf(stranger({ score: 0.1 }, scene("x")))).toBe(idOf(stranger({ score: 0.2 }, scene("x"))));
    expect(idOf(stranger({}, scene("x")))).not.toBe(idOf(stranger({}, scene("y"))));
  });

  it("is identified by the scene if the face is broken", () => {
    expect(idOf(stranger({}, { recognize_face: "broken", ...scene("x") }))).toBe(idOf(stranger({}, scene("x"))));
  });

  it("is identified by its content if there is no picture", () => {
    expect(idOf(stranger())).toBe(idOf(stranger()));
    expect(idOf(stranger({ score: 0.1 }))).not.toBe(idOf(stranger({ score: 0.2 })));
  });

  it("is identified by its content, except the base photo and the wish", () => {
    expect(idOf(stranger({ reg_pic: photo("r"), want_action: "1001" }))).toBe(idOf(stranger()));
  });

  it("never has the id of a person's passing", () => {
    expect(idOf(stranger({ identity_id: "888001" }))).not.toBe(idOf(history()));
  });

  it("belongs to any person without an id", () => {
    expect(idOf(history({ identity_id: "" }, face("a")))).not.toBe(idOf(history({ identity_id: "" }, face("b"))));
  });
});

describe("a passing without a time", () => {
  const timeless = (changes: JsonObject = {}) => history({ timestamp: 0, ...changes });

  it("is one if its report is repeated", () => {
    expect(idOf(timeless())).toBe(idOf(timeless()));
  });

  it("is another one if anything in its report differs", () => {
    expect(idOf(timeless({ score: 0.1 }))).not.toBe(idOf(timeless({ score: 0.2 })));
  });

  it("is one if only the base photo and the wish differ", () => {
    expect(idOf(timeless({ reg_pic: photo("r"), want_action: "1002" }))).toBe(idOf(timeless()));
  });

  it("is identified by its content for a missing, unreadable or early time", () => {
    for (const timestamp of ["soon", 1e9]) {
      expect(idOf(timeless({ timestamp, score: 0.1 }))).not.toBe(idOf(timeless({ timestamp, score: 0.2 })));
    }
    const missing = (score: number) => omitMember("timestamp", history({ score }));
    expect(idOf(missing(0.1))).not.toBe(idOf(missing(0.2)));
  });

  it("is distinguished from another one of the same stranger", () => {
    const passing = (score: number) => stranger({ timestamp: 0, score }, face("a"));
    expect(idOf(passing(0.1))).not.toBe(idOf(passing(0.2)));
  });
});

describe("a second passing of one identity", () => {
  it("has a separate id for each face", () => {
    const [a, b] = [understood(history({}, face("a"))), understood(history({}, face("b")))];
    expect(a.eventId).toBe(b.eventId);
    expect(new Set([a.eventId, a.twinId, b.twinId]).size).toBe(3);
  });

  it("has a separate id for each set of facts without a face", () => {
    expect(understood(history({ score: 0.1 })).twinId).not.toBe(understood(history({ score: 0.2 })).twinId);
  });

  it("has a separate id for each kind of report without a face", () => {
    expect(understood(history()).twinId).not.toBe(understood(passRecord()).twinId);
  });

  it("is identified by the face alone if there is one", () => {
    const [a, b] = [understood(history({ score: 0.1 }, face("a"))), understood(history({ score: 0.2 }, face("a")))];
    expect(a.fingerprint).toBe(b.fingerprint);
    expect(a.twinId).toBe(b.twinId);
  });

  it("is identified by the content without an id, with any line breaks in a picture", () => {
    const wrapped = understood(stranger({}, { spot_pic: lines(photo("x")) }));
    expect(wrapped.fingerprint).toBe(understood(stranger({}, scene("x"))).fingerprint);
  });
});

describe("two reports of one kind without a face", () => {
  const prints = (...bodies: JsonObject[]) => new Set(bodies.map((body) => understood(body).fingerprint)).size;
  const time = (at: string) => ({ at, as: "auto" });
  const fields = {
    time: time("t"),
    enteredAt: time("in"),
    leftAt: time("out"),
    "person.id": { at: "who" },
    "device.id": { at: "door" },
    "device.direction": { at: "way" },
    result: { at: "result" },
    method: { at: "method" },
    card: { at: "card" },
    score: { at: "score" },
  };
  const mapping = mappingSchema().parse({ name: "Gate", when: { is: { op: "pass" } }, fields });
  const reader = mappedReaderOf({ ...mapping, id: "map_1" });
  const passed = {
    op: "pass",
    t: noon,
    who: "7",
    door: "3",
    way: "in",
    result: "granted",
    method: "card",
    card: "00a1",
  };
  const taught = (changes: JsonObject) =>
    understood({ ...passed, score: 0.5, in: noon, out: noon, ...changes }, { reader });

  it.each<[string, JsonObject]>([
    ["a counter", { seq: 2 }],
    ["members of its own", { retry: 1, sent: { at: 2 }, list: [1] }],
    ["another name", { identity_name: "x" }],
    ["a wanted action", { want_action: "1002" }],
    ["a base photo", { reg_pic: photo("r") }],
    ["the same score as a text", { score: "0.870" }],
  ])("are one passing if one has %s", (_, changes) => {
    expect(prints(history(), history(changes))).toBe(1);
  });

  it("are one passing if one has another scene", () => {
    expect(prints(history({}, scene("x")), history({}, scene("y")), history())).toBe(1);
  });

  it.each<[string, JsonObject]>([
    ["direction", { way: "out" }],
    ["result", { result: "denied" }],
    ["method", { method: "face" }],
    ["card", { card: "00a2" }],
    ["score", { score: 0.6 }],
    ["time of entering", { in: noon - 1 }],
    ["time of leaving", { out: noon + 1 }],
  ])("are two passings with another %s, or if one has none", (_, changes) => {
    const [name = ""] = Object.keys(changes);
    const three = [taught({}), taught(changes), taught({ [name]: null })];
    expect(new Set(three.map(({ eventId }) => eventId)).size).toBe(1);
    expect(new Set(three.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  it("are one passing for a card with blanks around it", () => {
    expect(taught({ card: " 00a1\u0000" }).fingerprint).toBe(taught({}).fingerprint);
  });

  it("are one passing, whenever each was received", () => {
    const out = noon + 400 * 24 * 60 * 60 * 1000;
    const [early, late] = [received, out].map((receivedAt) => understood({ ...passed, out }, { reader, receivedAt }));
    expect([early?.report.leftAt, late?.report.leftAt]).toEqual([undefined, out]);
    expect(early?.fingerprint).toBe(late?.fingerprint);
  });

  it.each<[string, (seq: number) => JsonObject]>([
    ["the time", (seq) => history({ timestamp: 0, seq })],
    ["the device", (seq) => history({ seq }, { device_ip: "", ep_id: "SNO1" })],
    ["the person", (seq) => stranger({ seq }, scene("x"))],
  ])("are two passings with another counter if %s is not known", (_, body) => {
    expect(prints(body(1), body(2))).toBe(2);
  });

  it("are two passings if each has a face that cannot be read", () => {
    const broken = (face: string) => history({}, { recognize_face: face });
    expect(prints(broken("broken"), broken("damaged"))).toBe(2);
    expect(prints(broken("broken"), history())).toBe(2);
  });

  it("are known by the digest that older builds stored, if there is no face", () => {
    const [plain, counted] = [understood(history()), understood(history({ seq: 2 }))];
    expect(plain.earlier?.fingerprint).toBe("29f11b00610c1712ae8234dbb5e1886a723c6157441f1bc487cc27e82413539a");
    expect(plain.earlier?.twinId).toBe("evt_b7grwsjc5dgbf6t9hakzzx42ht");
    expect(counted.earlier?.fingerprint).not.toBe(plain.earlier?.fingerprint);
    for (const body of [history({}, face("a")), stranger(), history({ timestamp: 0 })])
      expect(understood(body).earlier).toBeUndefined();
  });
});
