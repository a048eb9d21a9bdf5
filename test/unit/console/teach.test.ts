import { describe, expect, it } from "vitest";
import { newestWithin } from "../../../packages/console/src/mappings/begin.ts";
import {
  factAt,
  meaningOf,
  type Press,
  pathsOf,
  pathWithin,
  pressed,
  type TaughtDraft,
  tableWith,
  taughtDraft,
} from "../../../packages/console/src/mappings/draft.ts";
import { isListOfObjects, type KeptValue, type Node, reportTree } from "../../../packages/console/src/mappings/tree.ts";
import { lacksOf, type Result } from "../../../packages/console/src/mappings/trial.ts";
import { conditionOfSign } from "../../../packages/console/src/mappings/tried.tsx";

const empty: TaughtDraft = {
  name: "North gate",
  box: "north-gate",
  when: { has: [], is: { type: "verify" } },
  fields: {},
  pictures: {},
  signs: [],
};
const after = (...presses: readonly Press[]) => presses.reduce(pressed, empty);
const name = (path: string, fact: (Press & { press: "name" })["fact"], here: readonly string[] = [path]): Press => ({
  press: "name",
  path,
  fact,
  here,
});
const value = (path: string, sent: KeptValue["value"] = "x"): KeptValue => ({ path, value: sent, may: [] });

describe("the reports on which a draft is tried", () => {
  const report = (hour: number, bytes = 1) => ({
    receivedAt: `2026-11-20T${String(hour).padStart(2, "0")}:00:00.000Z`,
    bytes,
  });

  it("are the newest, whether in quarantine or replayed", () => {
    expect(newestWithin([report(9), report(7), report(8)]).map(({ receivedAt }) => receivedAt.slice(11, 13))).toEqual([
      "09",
      "08",
      "07",
    ]);
    const many = Array.from({ length: 100 }, () => report(8));
    expect(newestWithin([...many, report(9)])).toEqual([report(9), ...many.slice(1)]);
  });

  it("have 32 MB together at most", () => {
    const half = 16 * 1024 * 1024;
    expect(newestWithin([report(9, half), report(8, half), report(7, 1)])).toEqual([report(9, half), report(8, half)]);
  });
});

describe("a draft", () => {
  it("names a value, with the layout of its time", () => {
    const draft = after({ ...name("record.at", "time"), as: "YYYY-MM-DD HH:mm:ss" } as Press);
    expect(draft.fields).toEqual({ time: { at: "record.at", as: "YYYY-MM-DD HH:mm:ss" } });
    expect(factAt(draft, "record.at")).toBe("time");
  });

  it("names a picture, and keeps a value with the event again", () => {
    const draft = after(name("photo", "pictures.face"));
    expect(draft.pictures).toEqual({ face: "photo" });
    expect(pressed(draft, { press: "none", path: "photo" }).pictures).toEqual({});
  });

  it("gives a value one meaning at a time", () => {
    const draft = after(name("a", "card"), name("a", "person.id"));
    expect(draft.fields).toEqual({ "person.id": { at: "a" } });
  });

  it("moves a fact within a report", () => {
    expect(after(name("a", "card"), name("b", "card", ["a", "b"])).fields.card).toEqual({ at: "b" });
  });

  it("adds the place of a fact that other reports have elsewhere, up to four", () => {
    const draft = after(...["a", "b", "c", "d", "e"].map((path) => name(path, "card")));
    expect(pathsOf(draft, "card")).toEqual(["a", "b", "c", "e"]);
    const fewer = ["b", "c", "e"].map((path): Press => ({ press: "none", path })).reduce(pressed, draft);
    expect(fewer.fields.card).toEqual({ at: "a" });
  });

  it("asks for a value, and for it no more", () => {
    const asked = after({ press: "always", path: "v", value: 2 }, { press: "there", path: "record.at" });
    expect(asked.when).toEqual({ has: ["record.at"], is: { type: "verify", v: 2 } });
    const less = pressed(pressed(asked, { press: "always", path: "v", value: 2 }), {
      press: "there",
      path: "record.at",
    });
    expect(less.when).toEqual(empty.when);
  });

  it("asks for another value at the same place", () => {
    expect(after({ press: "always", path: "type", value: "pass" }).when.is).toEqual({ type: "pass" });
  });

  it("counts reports as signs of life, and no more", () => {
    const sign = { when: { is: { type: "beat" } }, sign: "heartbeat" } as const;
    const draft = after({ press: "sign", sign });
    expect(draft.signs).toEqual([sign]);
    expect(pressed(draft, { press: "no-sign", at: 0 }).signs).toEqual([]);
  });

  it("takes the name and the box", () => {
    const draft = after({ press: "title", name: "Any gate" }, { press: "box", box: null });
    expect(draft).toEqual({ ...empty, name: "Any gate", box: null });
  });

  it("goes into a list and back, without the values beside it", () => {
    const before = after(
      name("Events[0].at", "time"),
      name("site", "device.name"),
      name("Events[0].pic", "pictures.face"),
    );
    const inside = pressed(before, { press: "each", list: "Events" });
    expect(inside).toMatchObject({ each: "Events", fields: { time: { at: "at" } }, pictures: { face: "pic" } });
    expect(inside.when.is).toEqual({});
    const outside = pressed(inside, { press: "each", list: null });
    expect(outside.each).toBeUndefined();
    expect(pathsOf(outside, "time")).toEqual(["Events[0].at"]);
    expect(pathsOf(outside, "pictures.face")).toEqual(["Events[0].pic"]);
  });

  it("reads the mapping of an answer without what the server alone knows", () => {
    const sent = {
      id: "map_1",
      rev: 3,
      today: 2,
      lastAt: null,
      isExact: true,
      name: "N",
      when: { is: { a: 1 } },
      fields: {},
    };
    expect(taughtDraft(sent)).toEqual({
      name: "N",
      box: null,
      when: { has: [], is: { a: 1 } },
      fields: {},
      pictures: {},
      signs: [],
    });
    for (const other of [null, 1, "{}", [], { name: "N" }]) expect(taughtDraft(other)).toBeNull();
  });
});

describe("the meaning of values", () => {
  it("is the usual one until a table says another", () => {
    const draft = after(name("k", "person.type"), name("d", "device.direction"));
    expect(["1", "VIP", "9"].map((sent) => meaningOf(draft, "person.type", sent))).toEqual(["employee", "vip", ""]);
    expect(meaningOf(draft, "device.direction", "OUT")).toBe("out");
    const table = tableWith(draft, "person.type", ["1", "2", "9"], ["9", "stranger"]);
    expect(table).toEqual({ "1": "employee", "2": "visitor", "9": "stranger" });
    const told = pressed(draft, { press: "mean", fact: "person.type", values: table, rest: "unknown" });
    expect(told.fields["person.type"]).toEqual({ at: "k", values: table, else: "unknown" });
    expect(meaningOf(told, "person.type", "9")).toBe("stranger");
    expect(tableWith(told, "person.type", ["9"], ["9", ""])).toEqual({ "1": "employee", "2": "visitor" });
  });

  it("leaves other words as they were sent", () => {
    const draft = after(name("m", "method"));
    expect(tableWith(draft, "method", ["FACE", "bracelet"], ["FACE", "face"])).toEqual({
      FACE: "face",
      bracelet: "bracelet",
    });
  });
});

describe("paths", () => {
  it.each([
    [undefined, "a.b", "a.b"],
    ["Events", "Events[12].a.b", "a.b"],
    ["Events", 'Events[0]["a.b"]', '["a.b"]'],
    ["Events", "Events.a.b", "a.b"],
    ["Events", 'Events["a.b"].c', '["a.b"].c'],
    ["Events", "Events[0][1]", "[1]"],
    ["Events", "Events[0]", null],
    ["Events", "Events", null],
    ["Events", "EventsOther[0].a", null],
    ["Events", "site", null],
  ])("lead into the list %s: %s is %s", (list, path, expected) => {
    expect(pathWithin(list, path)).toBe(expected);
  });

  it("become a tree of objects and lists", () => {
    const root = reportTree([
      value("id"),
      value("list[0].a"),
      value("list[0].b"),
      value("list[1].a"),
      value('["x.y"].z'),
      value("tags[0]"),
    ]);
    const shape = (node: Node): unknown => ("value" in node ? node.path : { [node.path]: node.inner.map(shape) });
    expect(root.inner.map(shape)).toEqual([
      "id",
      { list: [{ "list[0]": ["list[0].a", "list[0].b"] }, { "list[1]": ["list[1].a"] }] },
      { '["x.y"]': ['["x.y"].z'] },
      { tags: ["tags[0]"] },
    ]);
    expect(root.inner.map(({ name }) => name)).toEqual(["id", "list", "x.y", "tags"]);
    expect(root.inner.map((node) => "inner" in node && isListOfObjects(node))).toEqual([false, true, false, false]);
    expect([root.isList, reportTree([value("[0].a")]).isList]).toEqual([false, true]);
  });
});

describe("reports that are no passings", () => {
  it("are told by a word that passings have otherwise", () => {
    const draft = after(name("who", "person.name"));
    const passing = [value("who", "Ada"), value("n", 1), value("type", "verify")];
    expect(conditionOfSign(draft, [value("who", "Bo"), value("n", 2), value("type", "beat")], passing)).toEqual({
      is: { type: "beat" },
    });
    expect(conditionOfSign(draft, [value("n", 2), value("up", 5), value("load", 1)], passing)).toEqual({
      has: ["up", "load"],
    });
    expect(conditionOfSign(draft, [value("who", "Bo"), value("n", 2)], passing)).toBeNull();
  });

  it("are grouped by what they lack, the most first", () => {
    const none = (path: string, found: string | null = null) =>
      ({ is: "none", reason: "condition", member: "when.is.type", path, found, may: "" }) as const;
    const results: Result[] = [
      { record: "a", outcomes: [none("type", "x")] },
      { record: "b", outcomes: [none("type", "y")] },
      { record: "c", outcomes: [none("type", "y")] },
      { record: "d", outcomes: [none("type"), { is: "sign", sign: "heartbeat" }] },
    ];
    expect(lacksOf(results).map(({ at, why }) => [at, why.found])).toEqual([
      [[1, 2], "y"],
      [[0], "x"],
    ]);
  });
});
