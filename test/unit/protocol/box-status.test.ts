import { type JsonObject, tellsOf } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture } from "../../support/fixtures.ts";

describe("a notice about a person", () => {
  it.each<[where: string, report: JsonObject]>([
    ["as a text", { identity_id: "888001" }],
    ["as a number", { identity_id: 888001 }],
    ["deep in a list", { result: { failed_users: [[null, true, { code: 0, identity_id: "888001" }]] } }],
    ["as the name of a member", { result: { "888001": "40094" } }],
    ["in a text of JSON", { extend_params: '{"userid_list": ["888000", "888001"]}' }],
    ["in a text of JSON within one", { extend_params: JSON.stringify({ path: JSON.stringify(["888001"]) }) }],
    ["as a number in a text of JSON", { extend_params: " [888001]" }],
  ])("is recognized if the id is in it %s", (_, report) => {
    expect(tellsOf(report, "888001")).toBe(true);
  });

  it("is recognized in the printed result of a command", () => {
    expect(tellsOf(fixture("mq-result", "complete"), "888001")).toBe(true);
    expect(tellsOf(fixture("mq-result", "complete"), "888002")).toBe(false);
  });

  it("is recognized if the id has more digits than a double, also in JSON text", () => {
    expect(tellsOf({ params: '{"id": 110101199003070038}' }, "110101199003070038")).toBe(true);
    expect(tellsOf({ params: '{"id": 110101199003070038}' }, "110101199003070039")).toBe(false);
  });

  it.each<[what: string, report: JsonObject]>([
    ["an id that only begins or ends alike", { identity_id: "8880010", key: "x888001" }],
    ["a text that only looks like JSON", { message: "{888001", other: "[888001" }],
    ["a place in a list", { users: Array.from({ length: 3 }, (_, n) => `${n}x`) }],
    ["nothing", {}],
  ])("is not recognized if it has %s", (_, report) => {
    expect(["888001", "1", "2"].map((id) => tellsOf(report, id))).toEqual([false, false, false]);
  });

  it("is recognized at any depth", () => {
    let report: JsonObject = { id: "888001" };
    for (let level = 0; level < 100_000; level++) report = { report };
    expect(tellsOf(report, "888001")).toBe(true);
  });
});
