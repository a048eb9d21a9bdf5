import {
  type EventAction,
  eventSchema,
  fill,
  type Json,
  locatePicture,
  merge,
  picturesOfReport,
  type Report,
} from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyAction, anyReport } from "../../support/arbitraries.ts";
import { eventFixtures, fixture } from "../../support/fixtures.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, noon, passRecord, realtime, received, understood } from "../../support/reports.ts";
import printedEvent from "./printed-event.json" with { type: "json" };

const eventOf = (reports: readonly Report[], actions: readonly EventAction[] = [], isSecondFace = false) =>
  merge({ id: "evt_1", box: "gate-1", isSecondFace, reports, actions });

const heard = (body: Parameters<typeof understood>[0], route = "", receivedAt = received) =>
  understood(body, { route, receivedAt }).report;

const anyReports = fc.array(anyReport, { minLength: 1, maxLength: 7 });

describe("an event", () => {
  it.each(eventFixtures())("has every key: %s, %s", (dialect, name) => {
    expect(eventSchema.safeParse(eventOf([heard(fixture(dialect, name))])).error).toBeUndefined();
  });

  it("equals the readers' guide for the printed real-time report", () => {
    expect(eventOf([heard(fixture("se3-realtime", "printed"))])).toEqual(printedEvent);
  });
});

describe("the result of a passing", () => {
  it.each([
    ["denied", ["denied"]],
    ["granted", []],
  ] as const)("is %s, with the flags %o", (result, flags) => {
    const event = eventOf([{ ...heard(history()), result, reason: "r", method: "card", card: "7" }]);
    expect(event).toMatchObject({ result, reason: "r", method: "card", card: "7", flags });
  });
});

describe("the serial of the box", () => {
  const unnamed = heard(history({}, { dev_sno: "", ep_id: "B__192.168.1.60__2" }));
  const named = heard(history({}, { dev_sno: "A", ep_id: "B__192.168.1.60__2" }));
  const serialOf = (...reports: Report[]) => eventOf(reports).box.serial;

  it("is the beginning of ep_id if no report names it", () => {
    expect(serialOf(unnamed)).toBe("B");
    expect(serialOf(heard(history({}, { dev_sno: "", ep_id: "B" })))).toBeNull();
    expect(serialOf(heard(history({}, { dev_sno: "", ep_id: "" })))).toBeNull();
  });

  it("is the one that any report names, even a repeat or a backfill", () => {
    const filled = fill(unnamed, named) ?? expect.fail("the repeat brought nothing");
    expect([serialOf(filled), serialOf(fill(named, unnamed) ?? named)]).toEqual(["A", "A"]);
    const stored = { ...named, kind: "backfill" as const };
    expect([serialOf(unnamed, stored), serialOf(stored, unnamed)]).toEqual(["A", "A"]);
  });
});

describe("an event of different reports", () => {
  const kinds = {
    history: heard(history({ identity_name: "history" })),
    "pass-record": heard(passRecord({ identity_name: "pass-record" }), "PassRecord"),
    live: heard(passRecord({ identity_name: "live" }), "LiveEvent"),
    backfill: { ...heard(history({ identity_name: "backfill" })), kind: "backfill" as const },
    realtime: heard(realtime({ identity_name: "realtime" })),
  };
  const order = Object.values(kinds);

  it.each(order.slice(1).map((report, at) => [order[at]?.person?.name, report.person?.name, at]))(
    "uses %s before %s",
    (name, _, at) => {
      expect(eventOf(order.slice(Number(at)).toReversed()).person.name).toBe(name);
    },
  );

  it("names all reports, the most informative first", () => {
    expect(eventOf(order.toReversed()).reports.map(({ kind }) => kind)).toEqual(Object.keys(kinds));
  });

  it("uses a value before its absence", () => {
    const event = eventOf([heard(history({ group_name: "" })), heard(realtime({ group_name: "staff" }))]);
    expect(event.person).toMatchObject({ id: "888001", group: "staff" });
  });

  it("uses a value before null, also in free-form members", () => {
    const event = eventOf([heard(history({ lamp: null, door: 1 })), heard(realtime({ lamp: "on", door: null }))]);
    expect(event.extra).toEqual({ lamp: "on", door: 1 });
  });

  it("keeps null if no report has a value", () => {
    expect(eventOf([heard(history({ lamp: null })), heard(realtime())]).extra).toEqual({ lamp: null });
  });

  it("joins free-form members, and treats a list as one value", () => {
    const event = eventOf([
      heard(history({ identity_info: { a: 1, list: [1] } })),
      heard(realtime({ identity_info: { b: 2, list: [2, 3] } })),
    ]);
    expect(event.person.info).toEqual({ a: 1, b: 2, list: [1] });
  });

  it("joins members of any name as data", () => {
    const event = eventOf([
      heard(history(JSON.parse('{"__proto__":{"a":1}}'))),
      heard(realtime(JSON.parse('{"__proto__":{"b":2}}'))),
    ]);
    expect(JSON.stringify(event.extra)).toBe('{"__proto__":{"b":2,"a":1}}');
  });

  it("joins pictures by kind", () => {
    const reports = [
      heard(history({}, { recognize_face: photo("face") })),
      heard(passRecord({}, { spot_pic: photo("scene"), recognize_face: photo("worse") })),
    ];
    expect(eventOf(reports).pictures).toEqual({
      face: {
        sha256: sha256(jpeg("face")),
        bytes: jpeg("face").length,
        contentType: "image/jpeg",
        href: "/v1/events/evt_1/pictures/face",
      },
      scene: {
        sha256: sha256(jpeg("scene")),
        bytes: jpeg("scene").length,
        contentType: "image/jpeg",
        href: "/v1/events/evt_1/pictures/scene",
      },
    });
  });

  it("shows all flags, each once", () => {
    const reports = [heard(history({ score: "high", reg_pic: "x" })), heard(realtime({ score: "high" }))];
    expect(eventOf(reports).flags).toEqual(["field-unreadable:score", "picture-unreadable:registered"]);
  });

  it("drops a flag about a picture once any kind of report has brought it", () => {
    const broken = heard(history({}, { spot_pic: "x" }));
    expect(eventOf([broken]).flags).toEqual(["picture-unreadable:scene"]);
    expect(eventOf([broken, heard(realtime({}, { spot_pic: photo("scene") }))]).flags).toEqual([]);
    const truncated = { ...heard(realtime({}, { spot_pic: photo("scene") })), flags: ["picture-truncated:scene"] };
    expect(eventOf([broken, truncated]).flags).toEqual(["picture-truncated:scene"]);
    expect(eventOf([heard(history({}, { spot_pic: photo("whole") })), truncated]).flags).toEqual([]);
  });

  it("shows the first receipt", () => {
    const event = eventOf([heard(history(), "", received + 60_000), heard(realtime())]);
    expect(event.receivedAt).toBe(new Date(received).toISOString());
  });
});

describe("an event of repetitions of one kind", () => {
  it("uses the first received", () => {
    const later = heard(history({ identity_name: "later" }), "", received + 1);
    expect(eventOf([later, heard(history({ identity_name: "first" }))]).person.name).toBe("first");
  });
});

describe("a person of no type", () => {
  it("is an employee", () => {
    expect(eventOf([heard(realtime({}, { person_type: null }))]).person.type).toBe("employee");
  });

  it("has the type in another report", () => {
    expect(
      eventOf([heard(history({}, { person_type: null })), heard(realtime({}, { person_type: 5 }))]).person.type,
    ).toBe("vip");
  });
});

describe("a person whose type cannot be read", () => {
  const typed = (type: Json) => ({ person_type: type });
  const typeOf = (...reports: Report[]) => eventOf(reports).person.type;

  it("is unknown, even if another report has no type", () => {
    expect(typeOf(heard(realtime({}, typed([4]))))).toBe("unknown");
    expect(typeOf(heard(history({}, typed({}))), heard(realtime({}, typed(null))))).toBe("unknown");
    expect(typeOf(heard(history({}, typed(null))), heard(realtime({}, typed([4]))))).toBe("unknown");
    expect(typeOf(heard({ ...fixture("history-v6", "minimal"), user_type: ["vip"] }))).toBe("unknown");
  });

  it("has the readable type of any other report", () => {
    expect(typeOf(heard(history({}, typed([4]))), heard(realtime({}, typed(4))))).toBe("stranger");
    expect(typeOf(heard(history({}, typed([4]))), heard(realtime({}, typed(1))))).toBe("employee");
    expect(typeOf(heard(history({}, typed(5))), heard(realtime({}, typed([4]))))).toBe("vip");
  });

  it("is unknown if the more reliable report has an undocumented type", () => {
    expect(typeOf(heard(history({}, typed(9))), heard(realtime({}, typed(1))))).toBe("unknown");
  });
});

describe("the wanted action", () => {
  const requested = (inHistory: string, inPassRecord: string) =>
    eventOf([
      heard(history({ want_action: inHistory })),
      { ...heard(passRecord(), "PassRecord"), wantAction: inPassRecord },
    ]).wantAction;

  it("is an action before 0", () => {
    expect(requested("0", "1002")).toBe("1002");
  });

  it("is an action before an unknown wish", () => {
    expect(requested("9", "1001")).toBe("1001");
  });

  it("is an action before none", () => {
    expect(eventOf([heard(history({ want_action: "1001" })), heard(realtime())]).wantAction).toBe("1001");
  });

  it("is taken from the more reliable report if both are actions", () => {
    expect(requested("1002", "1001")).toBe("1002");
  });

  it("is the sent text if it is no action", () => {
    expect(requested("9", "0")).toBe("9");
  });

  it("is an action that was enqueued by a report which is not stored", () => {
    fc.assert(
      fc.property(anyAction, (action) => {
        expect(eventOf([heard(history({ want_action: "0" }))], [action]).wantAction).toBe(action.wantAction);
      }),
    );
  });

  it("is null if none was ever sent", () => {
    expect(eventOf([heard(realtime())]).wantAction).toBeNull();
  });

  it.each([
    [["1003"], ["unknown-action"]],
    [["constructor"], ["unknown-action"]],
    [["1003", "1002"], ["unknown-action"]],
    [["1001"], []],
    [["0"], []],
    [[" "], []],
    [[], []],
  ])("is flagged if it is unknown: %j", (wanted, flags) => {
    const passes = wanted.slice(1).map((action) => ({ ...heard(passRecord(), "PassRecord"), wantAction: action }));
    const first = wanted.slice(0, 1).map((action) => heard(history({ want_action: action })));
    expect(eventOf([heard(realtime()), ...first, ...passes]).flags).toEqual(flags);
  });
});

describe("the time that the box sent", () => {
  const timesOf = (...reports: Report[]) => {
    const { time, reportedTime, clockOffsetMs, flags } = eventOf(reports);
    return { time, reportedTime, clockOffsetMs, flags };
  };
  const at = (timestamp: Json, receivedAt = received) => heard(history({ timestamp }), "", receivedAt);
  const shown = (time: number) => new Date(time).toISOString();
  const day = 86_400_000;

  it("is kept if it is shown, too", () => {
    const [time, reportedTime] = [shown(noon), shown(noon)];
    expect(timesOf(at(noon))).toEqual({ time, reportedTime, clockOffsetMs: null, flags: [] });
  });

  it.each([
    ["three days ahead", received + 3 * day, shown(received + 3 * day), 3 * day],
    ["of a clock that was never set", 12, "1970-01-01T00:00:12.000Z", 12_000 - received],
    ["of year 0", -62_167_219_200_000, "0000-01-01T00:00:00.000Z", -62_167_219_200_000 - received],
    ["before year 0", -62_167_219_200_001, null, null],
    ["unreadable", "soon", null, null],
    ["missing", null, null, null],
  ])("%s: the event shows the time of receipt", (_, sent, reportedTime, clockOffsetMs) => {
    expect(timesOf(at(sent))).toEqual({ time: shown(received), reportedTime, clockOffsetMs, flags: ["clock"] });
    expect(eventSchema.safeParse(eventOf([at(sent)])).error).toBeUndefined();
  });

  it("is flagged as ahead if it is over 60 s after the first receipt", () => {
    const minute = 60_000;
    expect(timesOf(at(received + minute))).toMatchObject({ clockOffsetMs: null, flags: [] });
    const time = shown(received + minute + 1);
    const ahead = { time, reportedTime: time, clockOffsetMs: minute + 1, flags: ["ahead"] };
    expect(timesOf(at(received + minute + 1))).toEqual(ahead);
    const late = at(received + minute + 1, received + 2 * minute);
    expect(timesOf(heard(realtime({ timestamp: received + minute + 1 })), late)).toEqual(ahead);
  });

  it("is null if a store has a time that no calendar has", () => {
    expect(timesOf({ ...at(noon), time: 1e18 })).toMatchObject({ reportedTime: null, clockOffsetMs: null });
  });
});

describe("the time shown", () => {
  it("is the sent one of the winning report", () => {
    expect(eventOf([heard(realtime()), heard(history())])).toMatchObject({
      time: "2026-03-01T12:00:00.000Z",
      timestamp: noon,
      flags: [],
    });
  });

  it.each([
    ["missing", null, {}],
    ["before 2015", 1_000_000, { timestamp: 1_000_000 }],
    ["unreadable", "soon", { timestamp: "soon" }],
    ["more than a day ahead", noon + 1e9, { timestamp: noon + 1e9 }],
  ])("is the first receive time if it is %s, and extra keeps the sent one", (_, timestamp, extra) => {
    expect(eventOf([heard(history({ timestamp }))])).toMatchObject({
      time: new Date(received).toISOString(),
      timestamp: received,
      flags: ["clock"],
      extra,
    });
  });

  it("is taken from the report that has one", () => {
    expect(eventOf([heard(history({ timestamp: null })), heard(realtime())]).timestamp).toBe(noon);
  });
});

it("shows entering and leaving times of a report", () => {
  const report = { ...heard(history()), enteredAt: noon - 1_000, leftAt: noon + 1_000 };
  expect(eventOf([report])).toMatchObject({
    enteredAt: "2026-03-01T11:59:59.000Z",
    leftAt: "2026-03-01T12:00:01.000Z",
  });
});

it("flags a twin", () => {
  expect(eventOf([heard(history())], [], true).flags).toEqual(["same-person-twice"]);
});

describe("a picture of an event", () => {
  it("is in the month of its report's receipt", () => {
    const reports = [
      heard(passRecord({}, { spot_pic: photo("scene"), recognize_face: photo("worse") }), "", Date.UTC(2026, 1, 28)),
      heard(history({}, { recognize_face: photo("face") }), "", Date.UTC(2026, 2, 1)),
    ];
    expect(locatePicture({ id: "evt_1", reports }, "face")).toMatchObject({
      month: "2026-03",
      sha256: sha256(jpeg("face")),
    });
    expect(locatePicture({ id: "evt_1", reports }, "scene")).toMatchObject({
      month: "2026-02",
      sha256: sha256(jpeg("scene")),
    });
  });

  it("is the one that the event shows", () => {
    fc.assert(
      fc.property(anyReports, fc.constantFrom("registered", "scene", "face", "infrared"), (reports, kind) => {
        expect(locatePicture({ id: "evt_1", reports }, kind)?.sha256).toBe(eventOf(reports).pictures[kind]?.sha256);
      }),
    );
  });

  it("is null if no report has one", () => {
    expect(locatePicture({ id: "evt_1", reports: [heard(realtime())] }, "face")).toBeNull();
  });

  it("is one of those that its report names", () => {
    const report = heard(history({}, { recognize_face: photo("face") }), "", Date.UTC(2026, 2, 1));
    const place = { event: "evt_1", report: "history", kind: "face", month: "2026-03" };
    expect(picturesOfReport("evt_1", report)).toEqual([
      expect.objectContaining({ ...place, sha256: sha256(jpeg("face")) }),
    ]);
    expect(picturesOfReport("evt_1", heard(realtime()))).toEqual([]);
  });
});
