import { readFile } from "node:fs/promises";
import { compile } from "@gatepost/event-pattern";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whyNeverMatches } from "../../../../packages/embedded/src/bus/never-matches.ts";
import { type ClockedRuntime, clockedRuntime, rule } from "./clocked-runtime.ts";

const why = (pattern: unknown, announceEvents = true) => whyNeverMatches(compile(pattern), { announceEvents });
const ofEvent = (event: object) => ({ detail: { event } });
const recorded = { "detail-type": ["Face Event Recorded"] };

describe("a pattern that can never match has a reason:", () => {
  it.each([
    ["a misspelt field", { detail: { want_acton: ["1001"] } }, "no entry of the bus has a value at detail.want_acton"],
    ["a misspelt dotted field", { "detail.want_acton": ["1001"] }, "has a value at detail.want_acton"],
    ["a field below a value", { source: { name: ["gatepost"] } }, "has a value at source.name"],
    ["a path without its last name", { source: { "": ["gatepost"] } }, "has a value at source."],
    ["an object", { detail: ["1001"] }, "has a value at detail"],
    ["an unknown picture", ofEvent({ pictures: { back: { href: [{ exists: true }] } } }), "detail.event.pictures.back"],
    ["an unknown detail-type", { "detail-type": ["Stranger"] }, 'detail-type is never "Stranger"; it is "Stranger Reg'],
    ["another source", { source: ["aws.s3"] }, 'source is never "aws.s3"; it is "gatepost"'],
    ["an unknown action", { detail: { want_action: ["1003", { prefix: "9" }] } }, '; it is "1001" or "1002"'],
    ["an unknown type of person", ofEvent({ person: { type: ["boss"] } }), 'detail.event.person.type is never "boss"'],
    ["an unknown state", { detail: { box: { state: ["asleep"] } } }, "detail.box.state is never"],
    ["a state in a list", ofEvent({ actions: { state: ["gone"] } }), "detail.event.actions.state is never"],
    ["a text for a number", ofEvent({ score: ["0.9"] }), "; it is a number or null"],
    ["a text for a boolean", { detail: { late: ["false"] } }, "detail.late is never"],
    ["a number for a text", ofEvent({ card: [{ numeric: [">", 5] }] }), "; it is a text or null"],
    ["null for a field that has a value", ofEvent({ id: [null] }), "detail.event.id is never null"],
    ["all that there is left out", { source: [{ "anything-but": ["gatepost"] }] }, "source is never anything-but"],
    ["alternatives of which none can match", { $or: [{ a: [1] }, { b: [1] }] }, "no entry of the bus has a value at a"],
    [
      "a detail-type without that field",
      { "detail-type": ["Box Silent"], detail: { want_action: ["1001"] } },
      "no entry of the bus meets the conditions of detail-type and detail.want_action together",
    ],
    [
      "an action of another detail-type",
      { "detail-type": ["Base Photo Update Requested"], detail: { want_action: ["1001"] } },
      "together",
    ],
  ])("%s", (_, pattern, reason) => {
    expect(why(pattern)).toContain(reason);
  });

  it("Face Event Recorded if events are not announced", () => {
    expect(why(recorded, false)).toBe("Face Event Recorded is put on the bus only with --announce-events");
    expect(why({ "detail-type": [{ prefix: "Face" }] }, false)).toContain("--announce-events");
    expect(why(recorded, true)).toBeNull();
  });
});

describe("a pattern that can match has none:", () => {
  it.each([
    ["everything", { source: ["gatepost"] }],
    ["one of several detail-types", { "detail-type": ["Face Event Recorded", "Box Silent"] }],
    ["a member of extra", ofEvent({ extra: { any: { "thing.with": { dots: [1] } } } })],
    ["a member of person.info", ofEvent({ person: { info: { phone: ["1"] } } })],
    ["a member of person.info in a dotted name", { "detail.event.person.info.phone": ["1"] }],
    ["a member of quality", ofEvent({ quality: { box: { clarity: [{ numeric: [">", 0] }] } } })],
    ["absence of an unknown field", { detail: { want_acton: [{ exists: false }] } }],
    ["absence of a known field", { detail: { want_action: [{ exists: false }] } }],
    ["one alternative of two", { $or: [{ detail: { want_acton: ["1001"] } }, { detail: { want_action: ["1001"] } }] }],
    ["one value of two", { detail: { want_action: ["1001", "1003"] } }],
    ["null", { "detail-type": ["Box Silent"], detail: { device: [null], box: { site: ["north"] } } }],
    ["a boolean", { detail: { late: [false] } }],
    ["a picture", ofEvent({ pictures: { face: { href: [{ exists: true }] } } })],
    ["an item of a list", ofEvent({ reports: { brought: ["face"] }, flags: ["clock"], attributes: { faceBox: [3] } })],
    ["an operator on an enum", ofEvent({ person: { type: [{ wildcard: "v*" }, { "equals-ignore-case": "x" }] } })],
    ["an address", ofEvent({ device: { ip: ["10.0.0.1"] }, timestamp: [{ cidr: "16.0.0.0/8" }] })],
    ["a number", ofEvent({ score: [{ numeric: ["<", 0.5] }], timestamp: [{ "anything-but": [0] }] })],
    ["a text by an operator", ofEvent({ time: [{ suffix: "Z" }], box: { id: [{ "anything-but": { prefix: "x" } }] } })],
    ["a member named by a number", { detail: { box: { refused: { 413: [{ numeric: [">", 0] }] } } } }],
    ["a test", { "detail-type": ["Gatepost Test"], detail: { event: { id: [{ prefix: "evt_" }] } } }],
  ])("%s", (_, pattern) => {
    expect(why(pattern, false)).toBeNull();
  });

  const documents = ["docs/bus.md", "docs/alerts.md", "docs/acting.md", "docs/bus.zh-CN.md", "docs/alerts.zh-CN.md"];
  const files = ["door", "home-assistant", "webhook"].map((name) => `examples/${name}/rules.json`);
  it.each([...documents, ...files])("the rules of %s", async (path) => {
    const text = await readFile(new URL(`../../../../${path}`, import.meta.url), "utf8");
    const blocks = path.endsWith(".md")
      ? [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, block = ""]) => block)
      : [text];
    const patterns = blocks.flatMap((block) => patternsIn(block));
    expect(patterns.map((pattern) => why(pattern))).toEqual(patterns.map(() => null));
    expect(patterns.length > 0 || path === "docs/acting.md").toBe(true);
  });
});

/** The patterns of a list of rules, or a list of patterns. */
function patternsIn(block: string): unknown[] {
  const items: unknown = JSON.parse(block);
  if (!Array.isArray(items)) return [];
  return items.map((item) => item.pattern ?? item);
}

/** The path and value of each field of an entry. */
function fieldsOf(value: unknown, names: string[] = []): [path: string, value: unknown][] {
  if (typeof value !== "object" || value === null) return [[names.join("."), value]];
  return Object.entries(value).flatMap(([name, inner]) =>
    fieldsOf(inner, Array.isArray(value) ? names : [...names, name]),
  );
}

describe("a rule that can never match", () => {
  let deps: ClockedRuntime;
  beforeEach(async () => {
    deps = await clockedRuntime();
  });
  afterEach(() => deps.close());

  it("is used, logged once, and listed with the reason", async () => {
    const hook = await deps.subscriber();
    const never = { ...rule("never", hook.url), pattern: { detail: { want_acton: ["1001"] } } };
    const unannounced = { ...rule("recorded", hook.url), pattern: recorded };
    await deps.setRules([rule("good", hook.url), never, unannounced]);
    await deps.announce("one");
    await deps.settle();
    expect(hook.delivered).toHaveLength(1);
    for (const [path, value] of fieldsOf(hook.envelopes[0]))
      expect([path, why({ [path]: [value] })]).toEqual([path, null]);
    expect(deps.logged.filter(({ level }) => level === "warn")).toMatchObject([
      { message: "rule can never match", facts: { rule: "never", line: 1, reason: expect.stringContaining("acton") } },
      { message: "rule can never match", facts: { rule: "recorded", reason: expect.stringContaining("--announce") } },
    ]);
    const headers = { authorization: `Bearer ${deps.runtime.adminToken}` };
    const answer = await deps.runtime.api.fetch(new Request("http://gatepost/v1/rules", { headers }));
    const { rules, faults } = (await answer.json()) as { rules: object[]; faults: object[] };
    expect(faults).toEqual([]);
    expect(rules).toMatchObject([
      { name: "good" },
      { name: "never", warning: "no entry of the bus has a value at detail.want_acton" },
      { name: "recorded", warning: "Face Event Recorded is put on the bus only with --announce-events" },
    ]);
    expect(rules[0]).not.toHaveProperty("warning");
  });
});
