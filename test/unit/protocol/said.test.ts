import { type JsonObject, requestedAction } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { history, omitMember, realtime, understood } from "../../support/reports.ts";

const minimal = (dialect: string) => fixture(dialect, "minimal");
const dialects = [...new Set(eventFixtures().map(([dialect]) => dialect))];

/** The action and the person of a body, and the rest in extra. */
function said(body: JsonObject, route = "") {
  const { person, wantAction, extra, flags } = understood(body, { route }).report;
  return { type: person?.type, wantAction, extra, flags };
}

/** A body that says nothing of action and person. */
function silent(dialect: string): JsonObject {
  const names = ["want_action", "post_action", "person_type", "user_type", "userType"];
  const bare = (body: JsonObject) => names.reduce((rest, name) => omitMember(name, rest), body);
  const body = bare(minimal(dialect));
  for (const [name, inner] of Object.entries(body)) {
    if (["ext_data", "common"].includes(name)) body[name] = bare(inner as JsonObject);
  }
  return body;
}

describe.each(dialects.map((dialect) => [dialect]))("a report of %s", (dialect) => {
  const body = silent(dialect);
  const route = routeOf(dialect);

  it.each(["want_action", "post_action"])("has the action that it calls %s", (name) => {
    for (const sent of [{ [name]: "1002" }, { ext_data: { ...ext(body), [name]: 1002 } }]) {
      const { report } = understood({ ...body, ...sent }, { route });
      expect([requestedAction(report)?.wantAction, report.wantAction]).toEqual(["1002", "1002"]);
      expect(JSON.stringify(report.extra ?? {})).not.toContain("1002");
    }
  });

  it.each(["person_type", "user_type", "userType"])("has the type of person that it calls %s", (name) => {
    for (const [sent, type] of [
      [4, "stranger"],
      ["vip", "vip"],
    ] as const) {
      for (const more of [{ [name]: sent }, { ext_data: { ...ext(body), [name]: sent } }]) {
        expect(understood({ ...body, ...more }, { route }).report.person?.type).toBe(type);
      }
    }
  });
});

function ext(body: JsonObject): JsonObject {
  const sent = body["ext_data"];
  return typeof sent === "object" && sent !== null && !Array.isArray(sent) ? sent : {};
}

describe("several names of one value", () => {
  it("yield the dialect's own one first, and the other values stay in extra", () => {
    const v6 = { ...minimal("history-v6"), post_action: "0", user_type: "vip", want_action: "1001", person_type: 4 };
    expect(said(v6)).toMatchObject({ type: "vip", wantAction: "0", extra: { want_action: "1001", person_type: 4 } });
    const nested = history({ person_type: 4, user_type: "visitor" }, { person_type: 5 });
    expect(said(nested)).toMatchObject({ type: "vip", extra: { person_type: 4, user_type: "visitor" } });
  });

  it("do not count if they are empty", () => {
    expect(said(history({ user_type: "stranger", want_action: "" }, { person_type: null }))).toEqual({
      type: "stranger",
    });
    expect(said(history({ want_action: " ", post_action: "\t1001" }))).toMatchObject({
      type: "employee",
      wantAction: "1001",
    });
    expect(said(history({ post_action: "" }, { userType: "" }))).toMatchObject({ type: "employee", wantAction: "0" });
  });

  it("yield the first readable one", () => {
    expect(said(history({ user_type: "stranger" }, { person_type: [4] }))).toEqual({
      type: "stranger",
      wantAction: "0",
      extra: { ext_data: { person_type: [4] } },
      flags: ["field-unreadable:ext_data.person_type"],
    });
  });

  it("yield one of unknown type before one of known type", () => {
    expect(said({ ...minimal("history-v6"), user_type: "car", person_type: 1 })).toMatchObject({
      type: "unknown",
      extra: { user_type: "car", person_type: 1 },
    });
  });
});

describe("an unreadable type of a person", () => {
  it.each([
    [[4], [4]],
    [{}, {}],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ])("is absent from the report for %j, and flagged", (sent, kept) => {
    expect(said(realtime({}, { person_type: sent }))).toEqual({
      extra: { ext_data: { person_type: kept } },
      flags: ["field-unreadable:ext_data.person_type"],
    });
  });

  it("is like an unreadable action: absent and flagged", () => {
    expect(said(history({ want_action: ["1002"] }))).toMatchObject({
      extra: { want_action: ["1002"] },
      flags: ["field-unreadable:want_action"],
    });
  });

  it("makes no stranger of a known id", () => {
    expect(understood(realtime({}, { person_type: [4] })).eventId).toBe(understood(realtime()).eventId);
  });
});
