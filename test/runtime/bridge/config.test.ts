import { parseConfig, readConfig } from "@gatepost/bridge";
import { describe, expect, it } from "vitest";
import { keyOf } from "./support.ts";

const good = `cloud:
  url: https://gatepost.example
boxes:
  - name: gate-1
    token: ${keyOf("gate-1")}
  - name: lobby
    token: ${keyOf("lobby")}
    se5: 192.168.1.80
`;

const cloudAlone = "cloud:\n  url: https://a.example\n";
const but = (from: string | RegExp, to: string) => good.replace(from, to);
const ofCloud = (url: string) => but("https://gatepost.example", url);
const withKey = (token: string) => but(keyOf("lobby"), token);
const withTerminal = (terminal: string) => but("se5: 192.168.1.80", `terminal: { ${terminal} }`);
const withPeople = (people: string) => `${good}    people: ${people}\n`;

const wrong = (text: string) => {
  try {
    parseConfig(text, "bridge.yaml");
  } catch (error) {
    return error instanceof Error ? `${error.constructor.name}: ${error.message}` : "";
  }
  return "it was taken";
};

it("reads a short file, and fills in the defaults", () => {
  expect(parseConfig(good, "bridge.yaml")).toMatchObject({
    cloud: { url: "https://gatepost.example", max_body: 5 * 1024 ** 2 },
    spool: { folder: "gatepost-bridge", max_bytes: 4 * 1024 ** 3, max_age: 14 * 86_400_000 },
    metrics: { host: "127.0.0.1", port: 9529 },
    boxes: [{ name: "gate-1" }, { name: "lobby", se5: { host: "192.168.1.80", livePort: 5679, apiPort: 5555 } }],
  });
});

it("reads the address and options of a box's people", () => {
  const people = (text: string) => parseConfig(withPeople(text), "").boxes[1]?.people;
  const usual = { port: 5555, library: "default_group", quality: "high" };
  expect(people("192.168.1.60")).toEqual({ host: "192.168.1.60", ...usual });
  expect(people("{ host: a, generation: B7, group: Staff, quality: low }")).toEqual({
    ...usual,
    host: "a",
    generation: "B7",
    group: "Staff",
    quality: "low",
  });
  const platform = { sophonsight: "http://10.0.0.2:9061", appkey: "k", secret: "s", department: "1" };
  expect(people(JSON.stringify(platform))).toEqual(platform);
  expect(parseConfig(good, "").boxes[0]).not.toHaveProperty("people");
});

it("reads the address and the login of a terminal", () => {
  const text = good.replace("se5: 192.168.1.80", 'terminal: { make: hikvision, host: 192.168.1.64, password: "p" }');
  const terminal = { make: "hikvision", host: "192.168.1.64", port: 80, user: "admin", password: "p" };
  expect(parseConfig(text, "").boxes[1]).toMatchObject({ name: "lobby", terminal });
  const other = parseConfig(text.replace("hikvision", "dahua"), "").boxes[1];
  expect(other).toMatchObject({ terminal: { ...terminal, make: "dahua" } });
});

it("repeats no password of a terminal in its errors", () => {
  const text = good.replace("se5: 192.168.1.80", "terminal: { make: hikvision, host: a b, password: hidden-secret }");
  expect(wrong(text)).toContain("boxes.1.terminal.host: write the address");
  expect(wrong(text)).not.toContain("hidden-secret");
});

it("takes one platform for many boxes, and two libraries of one address", () => {
  const platform = "{ sophonsight: 'http://a:9061', appkey: k, secret: s, department: '1' }";
  const also = (people: string) => `  - { name: hall, token: ${keyOf("hall")}, people: ${people} }\n`;
  expect(parseConfig(withPeople(platform) + also(platform), "").boxes).toHaveLength(3);
  expect(parseConfig(withPeople("a") + also("{ host: a, library: guests }"), "").boxes).toHaveLength(3);
});

it("acts only if the file enables it, in review mode by default", () => {
  const token = `gpr_${"a".repeat(27)}`;
  const acting = (text: string) => parseConfig(`${withPeople("192.168.1.60")}acting: ${text}\n`, "").acting;
  expect(parseConfig(withPeople("192.168.1.60"), "")).not.toHaveProperty("acting");
  expect(acting(`{ token: ${token} }`)).toEqual({ mode: "review", token });
  expect(acting(`{ token: ${token}, mode: automatic }`)).toEqual({ mode: "automatic", token });
  expect(wrong(`${withPeople("a")}acting: { token: ${token}, mode: always }\n`)).toContain("acting.mode");
  expect(wrong(`${withPeople("a")}acting: { token: gpa_${"a".repeat(27)} }\n`)).toContain("limited to these boxes");
  expect(wrong(`${good}acting: { token: ${token} }\n`)).toContain("name `people` of one box at least");
});

it("repeats no secret of a platform in its errors", () => {
  const text = withPeople("{ sophonsight: 'http://a:9061', appkey: k, secret: hidden-secret, department: 5 }");
  expect(wrong(text)).toContain("boxes.1.people.department");
  expect(wrong(text)).not.toContain("hidden-secret");
});

it("reads a port, or an address and a port, to listen on", () => {
  expect(parseConfig(`${good}relay: { listen: 9528 }`, "").relay?.listen).toEqual({ host: "0.0.0.0", port: 9528 });
  expect(parseConfig(`${good}relay: { listen: "10.0.0.5:80" }`, "").relay?.listen).toEqual({
    host: "10.0.0.5",
    port: 80,
  });
});

describe("An error names the line and says what to do:", () => {
  it.each([
    ["a key that is none", withKey("secret"), "line 7: boxes.1.token: give the ingest key"],
    ["an admin's key", withKey("gpa_0123456789012345678901234567890"), "line 7: boxes.1.token: give"],
    ["two boxes of one key", withKey(keyOf("gate-1")), "line 7: boxes.1.token: two boxes have this token"],
    [
      "one SE5 for two boxes, which would double what it saw",
      `${good}  - { name: hall, token: ${keyOf("hall")}, se5: { host: 192.168.1.80 } }\n`,
      "line 9: boxes.2.se5: two boxes have this address; each needs its own",
    ],
    [
      "a terminal that is an SE5 as well",
      `${good}    terminal: { make: hikvision, host: a, password: p }\n`,
      "line 9: boxes.1.terminal: a box has either `se5` or `terminal`",
    ],
    [
      "a terminal of another maker",
      withTerminal("make: zkteco, host: a, password: p"),
      "line 8: boxes.1.terminal.make: write `make: hikvision`, `make: dahua` or `make: uniview`",
    ],
    [
      "a terminal that posts to a relay that is not there",
      withTerminal("make: uniview, host: a, password: p"),
      "line 8: boxes.1.terminal: a terminal of Uniview posts to the relay; write `relay:`",
    ],
    [
      "a user of a terminal that no header can have",
      withTerminal("make: dahua, host: a, user: 管理员, password: p"),
      "line 8: boxes.1.terminal.user: name the user of the terminal in ASCII",
    ],
    [
      "a terminal without a password",
      withTerminal("make: hikvision, host: a"),
      "line 8: boxes.1.terminal.password: write the password",
    ],
    [
      "one person interface for two boxes, of which one would never get what is reported as done",
      `${withPeople("192.168.1.60")}  - { name: hall, token: ${keyOf("hall")}, people: { host: 192.168.1.60 } }\n`,
      "line 10: boxes.2.people: two boxes have this address and library; each needs its own",
    ],
    ["two boxes of one name", but("lobby", "gate-1"), "line 6: boxes.1.name: two boxes"],
    ["an address that is none", ofCloud("gatepost"), "line 2: cloud.url: write the address"],
    ["another protocol", ofCloud("ftp://a.example"), "line 2: cloud.url: write the address"],
    ["a member that is unknown", but("url:", "uri: x\n  url:"), "line 2: cloud: unknown uri; remove it"],
    ["a size without unit", `${good}spool:\n  max_bytes: "4000000000"`, "line 10: spool.max_bytes: write it as 4gb"],
    ["a spool that is too small", `${good}spool:\n  max_bytes: 1mb`, "line 10: spool.max_bytes: it is too small"],
    ["a time that is none", `${good}spool:\n  max_age: soon`, "line 10: spool.max_age: write it as 14d"],
    ["a port that is none", `${good}relay:\n  listen: 99999`, "line 10: relay.listen: write a port"],
    ["an address with a port that is none", `${good}metrics: 127.0.0.1:70000`, "line 9: metrics: write a port as 9528"],
    ["a name that no box can have", but("lobby", "l".repeat(65)), "line 6: boxes.1.name: it is longer than"],
    ["a cloud with a question", ofCloud("https://x.example/?a=b"), "line 2: cloud.url: write the"],
    ["a cloud with a mark", ofCloud("https://x.example/#b"), "line 2: cloud.url: write the"],
    ["a cloud with a password", ofCloud("https://a:b@x.example"), "line 2: cloud.url: write the"],
    [
      "a group without an end",
      withPeople(`{ host: a, group: ${"g".repeat(129)} }`),
      "line 9: boxes.1.people.group: it is too long: 128",
    ],
    ["a person interface of no box", withPeople("{ host: a b }"), "line 9: boxes.1.people.host: write the address as"],
    ["a generation that is none", withPeople("{ host: a, generation: D }"), "line 9: boxes.1.people.generation:"],
    ["two libraries", withPeople("{ host: a, library: 'a,b' }"), "line 9: boxes.1.people.library: name one library"],
    [
      "an unknown member for people",
      withPeople("{ host: a, hots: b }"),
      "line 9: boxes.1.people: unknown hots; remove it",
    ],
    ["a platform without its secret", withPeople("{ sophonsight: 'http://a:9061' }"), "line 9: boxes.1.people.appkey:"],
    [
      "a platform with a path",
      withPeople("{ sophonsight: 'http://a/b' }"),
      "line 9: boxes.1.people.sophonsight: write",
    ],
    ["people that are a number", withPeople("7"), "line 9: boxes.1.people: write the address of the box"],
    ["people without anything", withPeople(""), "line 9: boxes.1.people: write the address of the box"],
    [
      "a secret without quotes",
      withPeople("{ sophonsight: 'http://a:1', appkey: 7 }"),
      "line 9: boxes.1.people.appkey: write it as a text, in quotes",
    ],
    ["no cloud", but(/^cloud:\n.*\n/, ""), "line 1: cloud: write `cloud:` with `url:"],
    ["a relay that is a port", `${good}relay: 9528`, "line 9: relay: write `relay:` with `listen: 9528`"],
    ["acting that is a word", `${good}acting: review`, "line 9: acting: write `acting:` with `token: gpr_…`"],
    ["a spool that is a folder", `${good}spool: /var/spool`, "line 9: spool: write `spool:` with `folder: …`"],
    ["a box that is a word", `${cloudAlone}boxes: [lobby]`, "line 3: boxes.0: write each box as `- name: gate-1`"],
    ["boxes by their names", `${cloudAlone}boxes: { lobby: x }`, "line 3: boxes: name the boxes under `boxes:`"],
    ["a box without a key", `${cloudAlone}boxes: [{ name: lobby }]`, "line 3: boxes.0.token: give the ingest key"],
    ["a box without a name", `${cloudAlone}boxes: [{ token: x }]`, "line 3: boxes.0.name: give the box its name"],
    ["no boxes", `${cloudAlone}boxes: []`, "line 3: boxes: name one box at least"],
    ["a list", "- a\n- b", "line 1: write it as docs/bridge.md says"],
    ["nothing", "", "line 1: write it as docs/bridge.md says"],
    ["tabs", "cloud:\n\turl: x", "line 2"],
    ["a member twice", but("boxes:", "cloud: {}\nboxes:"), "line 3"],
    ["a bad escape", 'cloud: "\\q"', "line 1"],
  ])("%s", (_, text, message) => {
    expect(wrong(text)).toContain(`ConfigError: bridge.yaml, ${message}`);
    expect(wrong(text)).not.toMatch(/Invalid (?:input|option)/);
  });
});

it("aliases that unfold without end are refused", () => {
  const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`);
  expect(wrong(`a0: &a0 x\n${levels.join("\n")}`)).toMatch(/^ConfigError: bridge\.yaml: .*alias/i);
});

it.each([
  "__proto__",
  "constructor",
  "!!js/function",
  "&a *a",
  "? {}",
  "%YAML 9.9\n---",
  "\u0000",
  "<<: *x",
  "{".repeat(5000),
])("hostile YAML is refused in words, never with a crash: %s", (text) => {
  expect(wrong(text)).toMatch(/^ConfigError: bridge\.yaml/);
  expect(wrong(`${good}${text}: {}`)).toMatch(/^ConfigError: bridge\.yaml/);
});

it("a missing file is named in the error", () => {
  expect(() => readConfig("/nowhere/bridge.yaml")).toThrow("cannot read /nowhere/bridge.yaml");
});
