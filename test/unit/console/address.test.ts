import { expect, it } from "vitest";
import { addressOf, parseAddress, pathOfPerson, personOfPath } from "../../../packages/console/src/state/address.ts";

it.each([
  ["#/live?view=list&box=gate-1", { page: "live", id: null, query: { view: ["list"], box: ["gate-1"] } }],
  [
    "#/events?type=stranger&type=blacklist&q=",
    { page: "events", id: null, query: { type: ["stranger", "blacklist"] } },
  ],
  ["#/events/evt_1?q=a", { page: "event", id: "evt_1", query: { q: ["a"] } }],
  ["#/boxes/new", { page: "new-box", id: null, query: {} }],
  ["#/boxes/%E5%8D%97%E9%97%A8", { page: "box", id: "南门", query: {} }],
  ["#/boxes/%E5%8D", { page: "box", id: "%E5%8D", query: {} }],
  ["#/settings", { page: "settings", id: null, query: {} }],
  ["#/settings/keys", { page: "settings", id: "keys", query: {} }],
  ["#/sign-in?why=no-account", { page: "sign-in", id: null, query: { why: ["no-account"] } }],
  ["#/live?screen=1&size=m", { page: "screen", id: null, query: { screen: ["1"], size: ["m"] } }],
  ["#/live?screen=0", { page: "live", id: null, query: { screen: ["0"] } }],
  ["#/people?kind=vip&match=80", { page: "people", id: null, query: { kind: ["vip"], match: ["80"] } }],
  ["#/people/~hq/888017", { page: "person", id: "~hq/888017", query: {} }],
  ["#/people/gate-1/a%2Fb%20", { page: "person", id: "gate-1/a%2Fb%20", query: {} }],
  ["#/strangers/evt_1?days=1", { page: "stranger", id: "evt_1", query: { days: ["1"] } }],
  ["#/inside?site=hq&order=name", { page: "inside", id: null, query: { site: ["hq"], order: ["name"] } }],
  ["#/inside/roll/rol_1", { page: "roll", id: "rol_1", query: {} }],
  ["#/invite/gpv_1", { page: "invite", id: "gpv_1", query: {} }],
])("%s is a page", (hash, address) => {
  expect(parseAddress(hash)).toEqual({ ...address, isUnknown: false });
});

it.each([
  "#/nowhere",
  "#/events/evt_1/more",
  "#/live/1",
  "#/event",
  "#/box",
  "#/screen",
  "#/new-box",
  "#/invite",
  "#/settings/nowhere",
  "#/inside/roll",
  "#/inside/roll/rol_1/2",
  "#/roll",
  "#/people/gate-1",
  "#/people/gate-1/1/2",
  "#/people//1",
  "#/strangers",
  "#/__proto__",
  "#javascript:alert(1)",
])("%s is none, and Live is shown", (hash) => {
  expect(parseAddress(hash)).toEqual({ page: "live", id: null, query: {}, isUnknown: true });
});

it.each(["", "#", "#/"])("%j is the live page", (hash) => {
  expect(parseAddress(hash)).toMatchObject({ page: "live", isUnknown: false });
});

it("takes no part of an address that is too long, which would be another filter", () => {
  const nowhere = { page: "live", id: null, query: {}, isUnknown: true };
  expect(parseAddress(`#/events?q=${"a".repeat(100_000)}${"&box=b".repeat(1000)}`)).toEqual(nowhere);
  // The server says how many it takes.
  expect(parseAddress(`#/events?${"box=b&".repeat(100)}`).query["box"]).toHaveLength(100);
  const query = { person: ["员".repeat(256)], device: ["闸".repeat(256)] };
  expect(parseAddress(addressOf("events", null, query))).toMatchObject({ query });
});

it("keeps the spaces around an id", () => {
  const query = { person: [" 42 "], device: ["a  b "] };
  expect(parseAddress(addressOf("events", null, query))).toMatchObject({ query });
  expect(parseAddress(addressOf("event", " evt ", {}))).toMatchObject({ id: " evt " });
});

it.each(["constructor", "toString", "__proto__"])("takes the parameter %s as any other", (name) => {
  const { page, query } = parseAddress(`#/events?${name}=1&box=gate-1`);
  expect(page).toBe("events");
  expect(Object.entries(query)).toEqual([
    [name, ["1"]],
    ["box", ["gate-1"]],
  ]);
});

it("makes addresses that are read as what they were made of", () => {
  const query = { q: ["a&b=c #/?"], type: ["vip", "stranger"] };
  expect(parseAddress(addressOf("event", "evt_/?1", query))).toEqual({
    page: "event",
    id: "evt_/?1",
    query,
    isUnknown: false,
  });
  expect(addressOf("new-box")).toBe("#/boxes/new");
});

it.each([
  { library: "~hq", id: "888017" },
  { library: "南门/1", id: " a/b?c#%" },
])("leads back to the person $id of $library", (person) => {
  const { page, id } = parseAddress(addressOf("person", pathOfPerson(person)));
  expect(page).toBe("person");
  expect(personOfPath(id ?? "")).toEqual(person);
});
