import { expect, it } from "vitest";
import { personKey, personType } from "../../../packages/protocol/src/person.ts";

it.each([
  ["1", "employee"],
  ["2", "visitor"],
  ["3", "blacklist"],
  ["4", "stranger"],
  ["5", "vip"],
  ["employee", "employee"],
  ["visitor", "visitor"],
  ["blacklist", "blacklist"],
  ["stranger", "stranger"],
  ["vip", "vip"],
  ["MEMBER", "employee"],
  ["VIP", "vip"],
  ["STRANGER", "stranger"],
  [" 4 ", "stranger"],
])("reads person type %j as %s", (sent, type) => {
  expect(personType(sent)).toBe(type);
});

it.each(["0", "6", "9", "car", "4.0", "", "constructor", "__proto__"])("calls person type %j unknown", (sent) => {
  expect(personType(sent)).toBe("unknown");
});

it("finds a known person by the compared id, and no stranger", () => {
  expect(personKey({ id: "7 ", type: "vip" })).toBe("7");
  expect([personKey({ id: "7 ", type: "stranger" }), personKey({ id: null, type: "vip" })]).toEqual([null, null]);
});
