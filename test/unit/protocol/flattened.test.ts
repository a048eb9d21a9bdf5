import { interpret, isEvent, type JsonObject } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { eventFixtures, fixture } from "../../support/fixtures.ts";
import { photo } from "../../support/pictures.ts";
import { arrival, history, omitMember, passRecord, realtime, stranger, understood } from "../../support/reports.ts";

/** A nested report as a form has it whose sender puts the members of `ext_data` at the root. */
function flattened(body: JsonObject): JsonObject {
  const { ext_data, ...root } = body;
  return { ...root, ...(ext_data as JsonObject) };
}

describe("a report whose ext_data was flattened to its root", () => {
  const unfit = { box_fiqa_info: { fiqa_result: false }, grab_fiqa_info: {} };
  it.each<[string, JsonObject, string]>([
    ["real-time", realtime({}, { spot_pic: photo("a") }), "RealTimeEvent"],
    ["real-time without a picture", realtime(), "RealTimeEvent"],
    ["real-time of nobody", realtime({ identity_id: "" }, { spot_pic: photo("a") }), "RealTimeEvent"],
    ["history", history({}, { recognize_face: photo("a"), info: { age: "youth" } }), "HistoryEvent"],
    ["history without an action", omitMember("want_action", history()), "HistoryEvent"],
    ["history of a stranger with a poor picture", stranger({ want_action: "1001" }, unfit), "HistoryEvent"],
    ["a pass record", passRecord(), "PassRecord"],
    ["a live event", passRecord(), "LiveEvent"],
  ])("is the same event with the same facts: %s", (_, body, route) => {
    const [nested, flat] = [body, flattened(body)].map((one) => understood(one, { route }));
    expect(flat).toEqual(nested);
    expect(isEvent(flattened(body))).toBe(isEvent(body));
  });

  it("keeps an unknown member at its path", () => {
    expect(understood({ ...flattened(realtime()), mood: "calm" }).report.extra).toEqual({ mood: "calm" });
  });
});

describe("a body with members of ext_data at its root", () => {
  it.each(eventFixtures())("keeps its identity and its dialect: %s, %s", (dialect, name) => {
    const body = fixture(dialect, name);
    const more = { device_ip: "10.9.9.9", device_type: "1" };
    expect(understood({ ...body, ...more }).report.dialect).toBe(
      dialect === "root-facts" && !("ext_data" in body) ? "se3-realtime" : understood(body).report.dialect,
    );
  });

  it("is a flat report if it also has members of ep_info", () => {
    const { ep_info, ...root } = fixture("history-flat", "minimal");
    const flat = { ...root, ...(ep_info as JsonObject), person_type: 1, spot_pic: photo("a") };
    expect(understood(flat).report.dialect).toBe("history-flat");
  });

  it("is not a report without an id of a person", () => {
    const inner = { device_ip: "10.0.0.7", person_type: 4, timestamp: 1, box_fiqa_info: {} };
    expect(interpret(inner, arrival)).toEqual({ unreadable: "unknown-shape" });
  });
});
