import { elementsOf, type JsonObject, mappedReaderOf, mappingSchema, stepsOfPath } from "@gatepost/protocol";
import { leavesOf, listUnmet, mayBe, suggest, unmetBy } from "@gatepost/protocol/teaching";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { photo } from "../../support/pictures.ts";

const receivedAt = Date.UTC(2026, 10, 27, 1);
const zone = "Asia/Shanghai";
function suggested(...values: JsonObject[]) {
  const steps = suggest(values.map((value) => ({ value, receivedAt })));
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
const firstOf = (name: string, value: string | number | boolean) => {
  const [leaf] = leavesOf({ [name]: value }, 1).leaves;
  const [first] = leaf === undefined ? [] : mayBe(leaf, { receivedAt, zone });
  return first === undefined || first.weight < 2 ? null : first;
};

describe("a value", () => {
  it.each([
    ["verifyTime", "2026-11-27 08:41:17", "time", "YYYY-MM-DD HH:mm:ss", "2026-11-27T00:41:17.000Z"],
    ["x", "27.11.2026 08:41", "time", "DD.MM.YYYY HH:mm", "2026-11-27T00:41:00.000Z"],
    ["when", "5/11/2026 8:41:17", "time", "DD/MM/YYYY HH:mm:ss", "2026-11-05T00:41:17.000Z"],
    ["ts", 1795740077, "time", "auto", "2026-11-27T00:41:17.000Z"],
    ["stamp", "1795740077123", "time", "auto", "2026-11-27T00:41:17.123Z"],
    ["entryTime", "20261127084117", "enteredAt", "YYYYMMDDHHmmss", "2026-11-27T00:41:17.000Z"],
    ["leaveTime", "2026-11-27T00:41:17Z", "leftAt", "auto", "2026-11-27T00:41:17.000Z"],
  ])("named %s is a time: %j", (name, value, field, as, time) => {
    const first = firstOf(name, value);
    expect(first).toMatchObject({ field, as });
    expect(new Date(first?.time ?? 0).toISOString()).toBe(time);
  });

  it.each([
    ["personId", "48213", "person.id"],
    ["employee_no", 48213, "person.id"],
    ["userName", "Grace Silva", "person.name"],
    ["x", "陈敏", "person.name"],
    ["employeeNoString", "340", "person.id"],
    ["name", "Paula Reis", "person.name"],
    ["Name", "Bob 2", "person.name"],
    ["deviceName", "North", "device.name"],
    ["deviceName", "东门", "device.name"],
    ["deviceKey", "84E0F420", "device.id"],
    ["door", "North", "device.name"],
    ["gate", "L", "device.id"],
    ["x", "192.168.1.77", "device.ip"],
    ["inOut", 1, "device.direction"],
    ["identityType", 1, "person.type"],
    ["result", "granted", "result"],
    ["openType", "face", "method"],
    ["cardNo", "0123456", "card"],
    ["similarity", 93.1, "score"],
    ["temp", "36.4", "attributes.temperature"],
    ["photo", photo("a"), "pictures.face"],
    ["sceneImage", photo("b"), "pictures.scene"],
    ["irPic", photo("c"), "pictures.infrared"],
    ["regPhoto", photo("d"), "pictures.registered"],
  ])("named %s is likely a fact: %j", (name, value, field) => expect(firstOf(name, value)?.field).toBe(field));

  it.each([
    ["x", "1"],
    ["departmentName", ""],
    ["temp", 400],
    ["x", "2099-01-01 00:00:00"],
    ["x", "31.02.2026 08:41"],
    ["serverStartTime", 1795740077],
    ["x", true],
    ["x", 123456789],
  ])("named %s says nothing: %j", (name, value) => {
    expect(firstOf(name, value)).toBeNull();
  });

  it("has no time without the zone of its box, and still its layout", () => {
    const [leaf] = leavesOf({ at: "2026-11-27 08:41" }, 1).leaves;
    const [first] = leaf === undefined ? [] : mayBe(leaf, { receivedAt, zone: null });
    expect(first).toEqual({ field: "time", as: "YYYY-MM-DD HH:mm", weight: 3 });
  });

  it("is known by its name, also after thousands of other names", () => {
    for (let n = 0; n < 2100; n++) firstOf(`personId${n}`, "48213");
    expect(firstOf("personId", "48213")?.field).toBe("person.id");
  });

  it("is one of so many leaves", () => {
    expect(leavesOf({ a: [1, null, "", { b: 2 }], c: 3 }, 2)).toMatchObject({
      leaves: [{ path: "a[0]" }, { path: "a[3].b" }],
      isCut: true,
    });
  });
});

const passing = { id: "7", personId: "48213", time: 1795740077, inout: "0" };

describe("a suggestion for several reports", () => {
  it("has only members that all have, and the layout that fits all", () => {
    const { fields } = suggested(
      { personId: "1", at: "03/04/2026 08:00:00", name: "Ada" },
      { personId: "2", at: "13/04/2026 08:00:00" },
    );
    expect(fields).toEqual({ "person.id": { at: "personId" }, time: { at: "at", as: "DD/MM/YYYY HH:mm:ss" } });
  });

  it("has no time without a layout of all", () => {
    const { fields } = suggested({ personId: "1", at: "31/12/2025 08:00:00" }, { personId: "2", at: 1795740077 });
    expect(fields).toEqual({ "person.id": { at: "personId" } });
  });

  it("has the words of a direction, and no guess for numbers", () => {
    const directions = (...values: string[]) =>
      suggested(...values.map((inout) => ({ ...passing, inout }))).fields["device.direction"];
    expect(directions("entry", "exit", "x")).toEqual({ at: "inout", values: { entry: "in", exit: "out" } });
    expect([directions("0"), directions("0", "1"), directions("0", "1", "2"), directions("1", "3")]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("has words of results and of types of people", () => {
    const { fields } = suggested(
      { ...passing, result: "Access Denied", userType: "Guest", openType: "NFC", score: 0.9 },
      { ...passing, result: "ok", userType: "STAFF", openType: "face_1", score: 1 },
      { ...passing, result: "maybe", userType: "vip", openType: "face", score: 0.5 },
      { ...passing, result: "unsure", userType: "robot", openType: "face", score: 0.5 },
    );
    expect(fields).toMatchObject({
      result: { values: { "Access Denied": "denied", ok: "granted" } },
      "person.type": { values: { Guest: "visitor", STAFF: "employee", vip: "vip" } },
      method: { values: { NFC: "card", face_1: "face", face: "face" } },
      score: { of: 1 },
    });
  });

  it("has scores out of one or of a hundred", () => {
    const ofScores = (...scores: number[]) => suggested(...scores.map((score) => ({ ...passing, score }))).fields.score;
    expect([ofScores(0.5, 1), ofScores(0.5, 93.1)]).toMatchObject([{ of: 1 }, { of: 100 }]);
  });

  it("has conditions that other reports do not meet", () => {
    expect(suggested({ ...passing, cmd: "pass" }, { cmd: "door", time: 1795740077 }).when.is).toEqual({ cmd: "pass" });
    const other = { time: 1795740077, id: "7", inout: "0" };
    expect(suggested(passing, other)).toMatchObject({ when: { has: ["time", "personId"], is: {} }, signs: [] });
  });

  it("asks for no member more than are needed", () => {
    const other = { time: 1795740077, deviceKey: "84E0F420", deviceName: "North" };
    const { when } = suggested({ ...other, photo: photo("a") }, other);
    expect(when).toEqual({ has: ["time", "deviceKey", "photo"], is: {} });
  });

  it("has no condition without a report in common", () => {
    expect(suggested({ type: "heartbeat" }).when).toEqual({ has: [], is: {} });
    expect(suggested({ a: 1 }, { b: 1 }).when).toEqual({ has: [], is: {} });
  });

  it("has signs for heartbeats", () => {
    const beats = ["HeartBeat", "keepalive", "HeartBeat"].map((cmd) => ({ cmd, time: 1795740077 }));
    expect(suggested({ ...passing, cmd: "pass" }, ...beats).signs).toEqual([
      { when: { has: [], is: { cmd: "HeartBeat" } }, sign: "heartbeat" },
      { when: { has: [], is: { cmd: "keepalive" } }, sign: "heartbeat" },
    ]);
  });

  it("has the list of which each element is a report", () => {
    const list = [passing, { ...passing, personId: "9" }];
    expect(suggested({ seq: 1, data: { rows: list, heads: [1] } })).toMatchObject({
      each: "data.rows",
      fields: { "person.id": { at: "personId" } },
    });
  });

  it.each(["Event", "record", "AcsEvent"])("has the name of a person in a member %s", (around) => {
    const draft = suggested({
      [around]: { time: 1795740077, Name: "Paula", deviceName: "东门", employeeNoString: "340" },
    });
    expect(draft).toMatchObject({
      when: { has: [`${around}.time`, `${around}.employeeNoString`], is: {} },
      fields: {
        "person.name": { at: `${around}.Name` },
        "person.id": { at: `${around}.employeeNoString` },
        "device.name": { at: `${around}.deviceName` },
      },
    });
  });

  it("prefers a user's name, and makes an event's name a condition", () => {
    const named = { time: 1795740077, name: "Door Opened", userName: "Ada Low" };
    expect(suggested(named).fields["person.name"]).toEqual({ at: "userName" });
    const event = { Event: { time: 1795740077, name: "AccessGranted", cardNo: "12" } };
    expect(suggested(event)).toMatchObject({ when: { is: { "Event.name": "AccessGranted" } } });
    expect(suggested(event).fields["person.name"]).toBeUndefined();
    const beat = { name: "heartbeat", time: 1795740077 };
    expect(suggested({ ...named, name: "x" }, beat).signs).toHaveLength(1);
  });

  it("has the list of one body if another has its only element there", () => {
    const [one, two] = [{ Log: { Ev: passing } }, { Log: { Ev: [passing, { ...passing, personId: "9" }] } }];
    expect(suggested(one, two)).toMatchObject({ each: "Log.Ev", fields: { "person.id": { at: "personId" } } });
    expect(suggested(one).each).toBeUndefined();
    expect(suggested(one, { other: [passing] }).each).toBeUndefined();
  });

  it("has the heartbeats among the elements of a list as signs", () => {
    const list = [passing, { cmd: "heartbeat", at: 1 }];
    expect(suggested({ list })).toMatchObject({ each: "list", signs: [{ when: { is: { cmd: "heartbeat" } } }] });
  });

  it("has a list of rows", () => {
    const rows = [
      ["陈敏", 1795740077, "7"],
      ["李雷", 1795740078, "8"],
    ];
    expect(suggested({ rows })).toMatchObject({
      each: "rows",
      fields: { "person.name": { at: "[0]" }, time: { at: "[1]" } },
    });
  });

  it("has a second picture as the scene, and none twice", () => {
    const { pictures } = suggested({ ...passing, photo: photo("a"), bigSceneImg: photo("b"), other: photo("c") });
    expect(pictures).toEqual({ face: "photo", scene: "bigSceneImg" });
    expect(suggested({ ...passing, regPhoto: photo("a") }).pictures).toEqual({ registered: "regPhoto" });
    const registered = { regPhoto: photo("a"), registerPhoto: photo("b") };
    expect(suggested({ ...passing, ...registered }).pictures).toEqual({
      registered: "regPhoto",
      face: "registerPhoto",
    });
  });
});

const names = fc.constantFrom(
  "id",
  "personId",
  "name",
  "time",
  "type",
  "cmd",
  "photo",
  "inout",
  "list",
  "__proto__",
  "a.b",
);
const scalars = fc.constantFrom<string | number | boolean | null>(
  ...["pass", "heartbeat", "E-77", "Ada", "2026-11-27 08:41:17", "1", "", photo("x"), 1795740077, 0.5, true, null],
);
const bodies = fc.array(
  fc.dictionary(
    names,
    fc.oneof(scalars, fc.dictionary(names, scalars), fc.array(fc.dictionary(names, scalars), { maxLength: 3 })),
  ),
  { minLength: 1, maxLength: 4 },
);

describe("a condition", () => {
  const when = { is: { type: 1 }, has: ["a.b"] };

  it("is not named if a report meets it", () => {
    expect(unmetBy({ type: "1", a: { b: 0 } }, when)).toBeNull();
    expect(listUnmet({ rows: [] }, { each: "rows" })).toBeNull();
    expect(listUnmet({ rows: { a: 1 } }, { each: "rows" })).toBeNull();
  });

  it.each([
    [
      { type: 2, a: { b: 0 } },
      { member: 'when.is["type"]', path: "type", found: "2", may: "must be 1" },
    ],
    [{ type: { x: 1 } }, { member: 'when.is["type"]', path: "type", found: '{"x":1}', may: "must be 1" }],
    [
      { type: 1, a: { b: "" } },
      { member: "when.has[0]", path: "a.b", found: "", may: "must have a value" },
    ],
    [{ type: 1 }, { member: "when.has[0]", path: "a.b", found: null, may: "must have a value" }],
  ])("is named if %j does not meet it", (report, unmet) => expect(unmetBy(report, when)).toEqual(unmet));
});

describe("random reports", () => {
  it("get a draft that is a mapping, and fits what it was made of", () => {
    fc.assert(
      fc.property(bodies, (values) => {
        const draft = suggested(...(values as JsonObject[]));
        const conditions = Object.keys(draft.when.is).length * 2 + draft.when.has.length;
        if (conditions < 2) return;
        const mapping = { ...mappingSchema().parse({ ...draft, name: "m" }), id: "map_1" as const };
        const reader = mappedReaderOf(mapping);
        const { each } = mapping;
        const reports = (values as JsonObject[]).flatMap((value) => {
          return each === undefined ? [value] : elementsOf(value, stepsOfPath(each));
        });
        const fitting = reports.filter(reader.fits);
        expect(fitting.length).toBeGreaterThan(0);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
