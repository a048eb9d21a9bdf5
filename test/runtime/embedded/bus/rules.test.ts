import fs from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readRules } from "../../../../packages/embedded/src/bus/rules.ts";
import { fileOf, pemOf } from "../../../support/certificates.ts";
import type { Subscriber } from "../../../support/subscriber.ts";
import { type ClockedRuntime, clockedRuntime, hour, minute, rule } from "./clocked-runtime.ts";

const target = { url: "https://subscriber.example/hook" };
const pattern = { detail: { want_action: ["1001"] } };
const good = { name: "good", pattern, target };

/** The fault of one rule between two good ones. */
function faultOf(bad: unknown) {
  const { rules, faults } = readRules(JSON.stringify([good, bad, { ...good, name: "last" }], null, 1));
  expect([...rules.keys()]).toEqual(["good", "last"]);
  expect(faults).toHaveLength(1);
  return faults[0];
}

it("a rule takes an authority as PEM or as a file, and says why it refuses another", () => {
  const withCa = (ca: string) => ({ ...good, name: "own", target: { ...target, ca } });
  for (const ca of [pemOf("first.crt"), fileOf("first.crt"), "/nowhere/ca.pem"])
    expect(readRules(JSON.stringify([withCa(ca)])).rules.get("own")?.target).toMatchObject({ ca });
  expect(faultOf(withCa("ca.pem"))?.reason).toBe(
    "target.ca: must be a certificate as PEM, or the absolute path of a file of it",
  );
  const notOne = /^target\.ca: must be a certificate of an authority, as PEM$/;
  expect(faultOf(withCa(pemOf("first.key")))?.reason).toMatch(notOne);
  const alert = { ...good, name: "own", target: { type: "ntfy", url: "https://ntfy.sh/x", ca: pemOf("first.key") } };
  expect(faultOf(alert)?.reason).toMatch(notOne);
});

/** Patterns that EventBridge takes and that never match, or always. */
const numbersForText: [field: string, pattern: unknown, number: number][] = [
  ["detail.want_action", { detail: { want_action: [1001] } }, 1001],
  ["detail.want_action", { detail: { want_action: ["1001", 1002] } }, 1002],
  ["detail.want_action", { detail: { want_action: [{ numeric: ["=", 1001] }] } }, 1001],
  ["detail.want_action", { detail: { want_action: [{ "anything-but": [1001] }] } }, 1001],
  ["detail.want_action", { detail: { want_action: [{ "anything-but": 1001 }] } }, 1001],
  ["detail.want_action", { $or: [{ source: ["a"] }, { detail: { want_action: [1001] } }] }, 1001],
  ["detail.want_action", { detail: { $or: [{ want_action: [1001] }, { action: ["x"] }] } }, 1001],
  ["detail.event.wantAction", { detail: { event: { wantAction: [1002] } } }, 1002],
  ["detail.event.actions.wantAction", { detail: { event: { actions: { wantAction: [1002] } } } }, 1002],
  ["detail.event.person.id", { detail: { event: { person: { id: [666666] } } } }, 666666],
];

describe("a rule that cannot be used is named, with the line it begins on,", () => {
  it.each([
    ["no object", 7, null, "must be an object"],
    ["no name", { pattern, target }, null, "name: "],
    ["an empty name", { ...good, name: "" }, null, "name: must be 1 to 64"],
    ["a name with a space", { ...good, name: "a b" }, null, "name: must be 1 to 64"],
    ["a long name", { ...good, name: "x".repeat(65) }, null, "name: must be 1 to 64"],
    ["the name of Gatepost's own rule", { ...good, name: "gatepost-check" }, "gatepost-check", "Gatepost has a rule"],
    ["a name twice", good, "good", "another rule before it has this name"],
  ])("%s", (_, bad, name, reason) => {
    expect(faultOf(bad)).toEqual({ rule: name, line: 15, column: 2, reason: expect.stringContaining(reason) });
  });

  it.each<[string, object, string]>([
    ["no pattern", { pattern: undefined }, "pattern: "],
    ["a pattern that is no object", { pattern: [] }, "pattern: $"],
    ["a pattern with a text for a list", { pattern: { source: "x" } }, "pattern: $.source"],
    ["an unknown operator", { pattern: { a: [{ like: "x" }] } }, "pattern: $.a"],
    ["no target", { target: undefined }, "target: "],
    ["an unknown member", { patern: {} }, 'unknown "patern"'],
    ["an unknown member of the target", { target: { ...target, token: "x" } }, 'target: unknown "token"'],
    [
      "Frappe as its target, which earlier builds had",
      {
        target: { type: "frappe", url: "https://hr.example.com", secret: "key:secret", zone: "Asia/Shanghai" },
      },
      "target.type: frappe is no target any more: have examples/hr write the check-ins, by a webhook",
    ],
    ["no URL", { target: { url: "subscriber" } }, "target.url: must be as https:"],
    ["a file", { target: { url: "file:///etc/passwd" } }, "target.url: must be as https:"],
    ["a password", { target: { url: "https://a:b@c.example" } }, "target.url: must hold no"],
    ["a user", { target: { url: "https://a@c.example" } }, "target.url: must hold no"],
    ["bad base64", { target: { ...target, secret: "whsec_!" } }, "target.secret: "],
    ["an empty secret", { target: { ...target, secret: "" } }, "target.secret: "],
    ...["10.0.0.7", "192.168.1.9", "127.0.0.1:8000", "169.254.169.254", "[::1]", "[fe80::1]", "0x7f.1"].map(
      (host): [string, object, string] => [
        `the private address ${host}`,
        { target: { url: `http://${host}/hook` } },
        'is no public address; allow it with "allowPrivate": true in the target of the rule',
      ],
    ),
    ["localhost", { target: { url: "http://localhost/" } }, "localhost is no public"],
    ["a name below it", { target: { url: "http://a.localhost./" } }, "is no public"],
    ...numbersForText.map(([field, bad, number]): [string, object, string] => [
      `a number for ${field}: ${JSON.stringify(bad)}`,
      { pattern: bad },
      `${field} is text on the bus: write "${number}", in quotes`,
    ]),
    ["allowPrivate as text", { target: { ...target, allowPrivate: "no" } }, "allowPrivate"],
  ])("%s", (_, changes, reason) => {
    const bad = { ...good, name: "bad", ...changes };
    expect(faultOf(bad)).toEqual({ rule: "bad", line: 15, column: 2, reason: expect.stringContaining(reason) });
  });

  it.each([
    "Host",
    "content-length",
    "Webhook-Id",
    "webhook-signature",
    "Transfer-Encoding",
    "connection",
    "content-type",
    "a b",
    "",
  ])("the header %j", (name) => {
    const headers = { [name]: "x" };
    expect(faultOf({ ...good, name: "bad", target: { ...target, headers } })?.reason).toContain("target.headers: ");
  });

  it("a header that would begin another", () => {
    const headers = { "x-a": "1\r\nx-b: 2" };
    expect(faultOf({ ...good, name: "bad", target: { ...target, headers } })?.reason).toContain("target.headers: ");
  });

  it("at any place in the file", () => {
    const text = '[{"name":"[,\\"\\n"}, {"a":[1,{"b":[]}]},\n\n  "x", 7\n,null, [\n],\n{"name":"z"\n}]';
    expect(readRules(text).faults.map(({ line }) => line)).toEqual([1, 1, 3, 3, 4, 4, 6]);
  });

  it("after a hundred others", () => {
    const many = Array.from({ length: 102 }, (_, i) => ({ ...good, name: `${i}` }));
    const { rules, faults } = readRules(JSON.stringify(many));
    expect([rules.size, faults.map(({ rule }) => rule)]).toEqual([100, ["100", "101"]]);
  });
});

describe("a rule that can be used", () => {
  it.each([
    ["a private address that it allows", { target: { url: "http://10.0.0.7/", allowPrivate: true } }],
    ["localhost that it allows", { target: { url: "http://localhost/", allowPrivate: true } }],
    ["a name that only begins so", { target: { url: "http://localhost.example/" } }],
    ["a number where the bus has one", { pattern: { detail: { event: { score: [{ numeric: ["<", 1] }] } } } }],
    ["a number where nobody knows", { pattern: { detail: { event: { extra: { want_action: [1001] } } } } }],
    ["want_action as anything there is", { pattern: { detail: { want_action: [{ exists: true }, null] } } }],
  ])("has %s", (_, others) => {
    expect(readRules(JSON.stringify([{ ...good, ...others }])).faults).toEqual([]);
  });

  it("has any address if every rule may", () => {
    const text = JSON.stringify([{ ...good, target: { url: "http://10.0.0.7/" } }]);
    expect(readRules(text, { allowPrivateTargets: true, announceEvents: true }).faults).toEqual([]);
  });
});

describe("rules.json", () => {
  let deps: ClockedRuntime;
  let hook: Subscriber;
  beforeEach(async () => {
    deps = await clockedRuntime();
    hook = await deps.subscriber();
  });
  afterEach(() => deps.close());

  let number = 0;
  const hears = async () => {
    const before = hook.delivered.length;
    await deps.announce(`${number++}`);
    await deps.settle();
    return hook.delivered.length - before;
  };
  const said = (level: string) => deps.logged.filter((line) => line.level === level).map(({ message }) => message);

  it("is optional", async () => {
    expect(await hears()).toBe(0);
    expect(deps.logged.map(({ message }) => message)).toEqual(["first report"]);
  });

  it("is read again when it changes, with no restart", async () => {
    await deps.setRules([]);
    expect(await hears()).toBe(0);
    await deps.setRules([rule("a", hook.url), rule("b", hook.url)]);
    expect(await hears()).toBe(2);
    await writeFile(`${deps.rulesFile}.new`, `\u{feff}${JSON.stringify([rule("c", hook.url)])}`);
    await rename(`${deps.rulesFile}.new`, deps.rulesFile);
    expect(await hears()).toBe(1);
  });

  it("matches want_action as the pattern says", async () => {
    await deps.setRules([
      { ...rule("a", hook.url), pattern: { source: ["gatepost"], detail: { want_action: ["1002"] } } },
    ]);
    await deps.announce("one", "1001");
    await deps.announce("two", "1002");
    await deps.settle();
    expect(hook.envelopes.map(({ detail }) => detail.want_action)).toEqual(["1002"]);
  });

  it.each([["{"], [""], ["{}"], ["[1,2"], ["null"], [" ".repeat(2_000_000)]])(
    "keeps the previous rules if it is unusable (%#), and this is logged once",
    async (text) => {
      await deps.setRules([rule("a", hook.url)]);
      expect(await hears()).toBe(1);
      await writeFile(deps.rulesFile, text);
      expect(await hears()).toBe(1);
      expect(await hears()).toBe(1);
      expect(said("error")).toEqual(["rules.json cannot be used: the last good rules are used"]);
      const { facts } = deps.logged.find(({ level }) => level === "error") ?? {};
      expect(facts).toMatchObject({ file: deps.rulesFile, help: expect.stringContaining("mend the file") });
    },
  );

  it("is read unchanged after it was unreadable, which is logged once", async () => {
    await deps.setRules([rule("a", hook.url)]);
    const reading = vi.spyOn(fs, "readFileSync").mockImplementation(() => {
      throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
    });
    syncBuiltinESMExports();
    for (const name of ["one", "two"]) {
      await expect(deps.announce(name)).rejects.toThrow("rules.json cannot be used");
    }
    reading.mockRestore();
    syncBuiltinESMExports();
    expect(await hears()).toBe(1);
    expect(said("error")).toEqual(["rules.json cannot be used: no rules are used"]);
  });

  it("never appears in the log", async () => {
    await writeFile(deps.rulesFile, '[{"name":"a","target":{"secret":whsec_c2VjcmV0}}]');
    await expect(deps.announce("a")).rejects.toThrow("rules.json cannot be used");
    expect(JSON.stringify(deps.logged)).not.toContain("whsec");
  });

  it("leaves announcements pending if it was never usable, instead of losing them", async () => {
    await writeFile(deps.rulesFile, "[");
    await expect(deps.announce("a")).rejects.toThrow("rules.json cannot be used");
    await deps.settle();
    await deps.setRules([rule("a", hook.url)]);
    expect(await hears()).toBe(1);
  });

  const health = async () => (await deps.runtime.api.fetch(new Request("http://gatepost/healthz"))).json();
  const listing = async () => {
    const headers = { authorization: `Bearer ${deps.runtime.adminToken}` };
    return (await deps.runtime.api.fetch(new Request("http://gatepost/v1/rules", { headers }))).json();
  };

  it("keeps the last good rules after an error and a restart", async () => {
    await deps.setRules([rule("a", hook.url)]);
    expect(await hears()).toBe(1);
    expect(await health()).toEqual({ status: "ok" });
    await writeFile(deps.rulesFile, '[\n  {"name": "a",\n   "pattern" {}}\n]');
    await deps.restart();
    expect(await hears()).toBe(1);
    const reasons = ["rules.json has an error at line 3, column 14: the last good rules are used"];
    expect(await health()).toEqual({ status: "degraded", reasons });
    expect(await listing()).toMatchObject({
      rules: [{ name: "a" }],
      faults: [{ rule: null, line: 3, column: 14, reason: "the file cannot be used: it is no JSON" }],
    });
    await deps.setRules([rule("b", hook.url)]);
    expect(await hears()).toBe(1);
    expect(await health()).toEqual({ status: "ok" });
    expect(await listing()).toMatchObject({ rules: [{ name: "b" }], faults: [] });
  });

  it("keeps the last good version of a wrong rule, also after a restart", async () => {
    await deps.setRules([rule("a", hook.url), rule("c", hook.url)]);
    expect(await hears()).toBe(2);
    await deps.setRules([{ ...rule("a", hook.url), patern: {} }, rule("c", hook.url)]);
    expect(await hears()).toBe(2);
    await deps.restart();
    expect(await hears()).toBe(2);
    const reasons = ["rules.json has an error at line 1, column 2: the last good rules are used"];
    expect(await health()).toEqual({ status: "degraded", reasons });
  });

  it("is not remembered after its removal", async () => {
    await deps.setRules([rule("a", hook.url)]);
    await hears();
    await rm(deps.rulesFile);
    await deps.advance(minute, 6000);
    await writeFile(deps.rulesFile, "[");
    await deps.restart();
    await expect(deps.announce("b")).rejects.toThrow("rules.json cannot be used");
    const reasons = ["rules.json has an error at line 1, column 2: no rules are used"];
    expect(await health()).toEqual({ status: "degraded", reasons });
  });

  it("keeps good rules beside a bad one, which is named", async () => {
    await deps.setRules([rule("a", hook.url), rule("a", hook.url), { name: "b" }, rule("c", hook.url)]);
    expect(await hears()).toBe(2);
    const facts = deps.logged.filter(({ message }) => message === "rule left out").map((line) => line.facts);
    expect(facts).toMatchObject([
      { rule: "a", line: 1 },
      { rule: "b", line: 1 },
    ]);
    const reason = expect.stringMatching(/^rules.json has an error at line 1, column \d+: this rule is not used$/);
    expect(await health()).toEqual({ status: "degraded", reasons: [reason, reason] });
  });

  it("is kept if the file is missing for a moment, as during a save", async () => {
    await deps.setRules([rule("a", hook.url)]);
    hook.answer(500);
    await hears();
    await rm(deps.rulesFile);
    await deps.settle();
    expect(await deps.deadLetters()).toEqual([]);
    await deps.setRules([rule("a", hook.url)]);
    hook.accept();
    expect(await hears()).toBe(0);
    await deps.advance(minute);
    expect(hook.delivered).toHaveLength(3);
  });

  it("means no rules after its removal", async () => {
    await deps.setRules([rule("a", hook.url)]);
    await hears();
    await rm(deps.rulesFile);
    await deps.advance(minute, 6000);
    expect(await hears()).toBe(0);
    expect(said("warn")).toEqual(["rules.json is gone, so nothing is delivered any more"]);
  });

  it("means no rules seconds after its removal, also with the clock set back", async () => {
    await deps.setRules([rule("a", hook.url)]);
    await hears();
    await rm(deps.rulesFile);
    await deps.settle();
    deps.setClock(deps.runtime.ingest.clock() - 8 * hour);
    await deps.settle();
    expect(said("warn")).toEqual([]);
    await deps.advance(5000, 1000);
    expect(said("warn")).toEqual(["rules.json is gone, so nothing is delivered any more"]);
  });
});
