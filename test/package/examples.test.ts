import { type ChildProcess, execFile, execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { compile, matches } from "@gatepost/event-pattern";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { parse, type ScalarTag } from "yaml";
import * as z from "zod";
import { freePort } from "../standins/listen.ts";
import { Box, Client } from "../support/client.ts";
import { type GatepostProcess, startGatepost } from "../support/gatepost-process.ts";
import { history } from "../support/reports.ts";
import { missing } from "../support/required.ts";
import { Subscriber } from "../support/subscriber.ts";
import { jpeg } from "../unit/api/support.ts";
import { root } from "./install.ts";

const example = (path: string) => join(root, "examples", path);
const python = "/usr/bin/python3";
const noPython = missing(python, ["--version"], "python3");

let folder: string;
let server: GatepostProcess;
let client: Client;
let box: Box;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "gatepost-examples-"));
  server = await startGatepost(join(folder, "data"), ["--announce-events", "--allow-private-targets"]);
  client = new Client(server);
  box = new Box(server.url, (await client.createKey("gate-1")).token);
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const environment = () => ({ ...process.env, GATEPOST_URL: server.url, GATEPOST_TOKEN: server.admin });

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, {
    cwd: folder,
    env: environment(),
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Starts a program that ends with its test. `lines` are what it has printed. */
function begin(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const child: ChildProcess = spawn(command, args, { cwd: folder, env: { ...environment(), ...env } });
  const ended = once(child, "exit");
  const lines: string[] = [];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
  let failures = "";
  child.stderr?.on("data", (data) => {
    failures += data;
  });
  const stop = async () => {
    child.kill();
    await ended;
  };
  onTestFinished(stop);
  return { lines, stop, failures: () => failures };
}

const rules = z.array(
  z.looseObject({
    name: z.string(),
    pattern: z.unknown(),
    target: z.looseObject({ url: z.string(), secret: z.string().optional() }),
  }),
);

/** Takes over the rules of an example, with the address of this machine. Gives the path that they name. */
function useRules(path: string, port: number): { path: string; secret: string } {
  const [rule] = rules.parse(JSON.parse(readFileSync(example(path), "utf8")));
  if (rule === undefined) throw new Error(`${path} has no rule`);
  const { pathname } = new URL(rule.target.url);
  rule.target.url = `http://127.0.0.1:${port}${pathname}`;
  writeFileSync(join(folder, "data/rules.json"), JSON.stringify([rule]));
  return { path: pathname, secret: rule.target.secret ?? "" };
}

const photo = Buffer.from(jpeg("face")).toString("base64");
const asking = (action: string, person = "1") =>
  history(
    { identity_id: person, want_action: action, timestamp: Date.now() },
    { person_type: 1, recognize_face: photo },
  );

describe.each([
  ["TypeScript", process.execPath, "webhook/receiver.ts", null],
  ["Python", python, "webhook/receiver.py", noPython],
] as const)("the receiver of webhooks in %s", (_, program, path, reason) => {
  const itHere = it.skipIf(reason !== null);

  const receiving = (...command: string[]) => receivingBy(server.admin, ...command);
  async function receivingBy(token: string, ...command: string[]) {
    const port = await freePort();
    const { secret } = useRules("webhook/rules.json", port);
    const env = { WEBHOOK_SECRET: secret, GATEPOST_TOKEN: token };
    const receiver = begin(program, [example(path), `${port}`, ...command], env);
    await expect.poll(() => receiver.lines[0]).toMatch(/^listening on/);
    return { port, ...receiver };
  }
  const action = async () => {
    const found = z.object({ actions: z.array(z.looseObject({ state: z.string(), reason: z.string().nullable() })) });
    return found.parse(await (await client.get("/v1/actions")).json()).actions[0];
  };

  itHere("has the photo, does what was asked for once, and says so", async () => {
    await receiving("sh", "-c", `cmp "$PHOTO" photo.jpg && echo "$ACTION" >> done && echo registered as 4711`);
    writeFileSync(join(folder, "photo.jpg"), jpeg("face"));
    await box.post("/HistoryEvent", asking("1002"));
    await expect.poll(action).toMatchObject({ state: "done", reason: "registered as 4711" });
    expect(readFileSync(join(folder, "done"), "utf8")).toMatch(/^act_\w+_1002\n$/);
  });

  itHere("says that it failed where the command does", async () => {
    await receiving("sh", "-c", "cat > asked; echo no such person; exit 3");
    await box.post("/HistoryEvent", asking("1002"));
    await expect.poll(action).toMatchObject({ state: "failed", reason: "no such person" });
    expect(JSON.parse(readFileSync(join(folder, "asked"), "utf8"))).toMatchObject({ detail: { want_action: "1002" } });
  });

  itHere("says no more than Gatepost takes of a long note, in any language", async () => {
    await receiving("sh", "-c", String.raw`printf '\377'; for at in $(seq 400); do printf 登记成功; done`);
    await box.post("/HistoryEvent", asking("1002"));
    await expect.poll(action).toMatchObject({ state: "done", reason: `\u{fffd}${"登记成功".repeat(83)}` });
  });

  itHere("does nothing with a key by which it could not say so, and says which it needs", async () => {
    const made = await client.post("/v1/keys", { scope: "read" });
    const { token } = z.object({ token: z.string() }).parse(await made.json());
    const { failures } = await receivingBy(token, "sh", "-c", "touch done");
    await box.post("/HistoryEvent", asking("1002"));
    await expect.poll(failures).toContain("give an admin key");
    expect([existsSync(join(folder, "done")), await action()]).toMatchObject([false, { state: "announced" }]);
  });

  itHere("answers a test of its rule, and does nothing for that", async () => {
    await receiving("sh", "-c", "touch done");
    const [name] = rules
      .parse(JSON.parse(readFileSync(example("webhook/rules.json"), "utf8")))
      .map((rule) => rule.name);
    const answer = await client.post(`/v1/rules/${name}/ping`, {});
    expect(await answer.json()).toMatchObject({ status: 204 });
    expect(existsSync(join(folder, "done"))).toBe(false);
  });

  itHere("takes nothing that is not signed, or was signed long ago", async () => {
    const { port } = await receiving("sh", "-c", "touch done");
    const body = JSON.stringify({ detail: { idempotency_key: "act_x", event: { id: "evt_x" }, photo: null } });
    const headers = { "webhook-id": "act_x", "webhook-timestamp": "1700000000", "webhook-signature": "v1,AAAA" };
    for (const sent of [headers, {}, { ...headers, "webhook-timestamp": "soon" }])
      expect((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body, headers: sent })).status).toBe(401);
    expect(() => readFileSync(join(folder, "done"))).toThrow("ENOENT");
  });
});

it("the subscriber on EventBridge fetches the photo, hands it over once, and logs that", async () => {
  const bus = await Subscriber.listen();
  onTestFinished(() => bus.close());
  const pattern = { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } };
  const { token } = z
    .object({ token: z.string() })
    .parse(await (await client.post("/v1/keys", { scope: "settle" })).json());
  writeFileSync(join(folder, "data/rules.json"), JSON.stringify([{ name: "bus", pattern, target: { url: bus.url } }]));
  await box.post("/HistoryEvent", asking("1002", "888001"));
  await expect.poll(() => bus.envelopes).toHaveLength(1);
  const put: { path: string | undefined; body: Buffer }[] = [];
  const people = createServer(async (request, response) => {
    put.push({ path: request.url, body: Buffer.concat(await request.toArray()) });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(people, "listening");
  onTestFinished(() => void people.close());
  const { port } = people.address() as AddressInfo;
  const code = `const { handler } = await import(${JSON.stringify(example("eventbridge/subscriber.ts"))});
    console.log(JSON.stringify(await handler(JSON.parse(process.argv[1]))));`;
  const messages = [JSON.stringify(bus.envelopes[0]), "{}", "cut off"];
  const batch = { Records: messages.map((body, index) => ({ messageId: `m${index}`, body })) };
  for (let times = 0; times < 2; times++) {
    const args = ["--input-type=module", "-e", code, JSON.stringify(batch)];
    const env = { ...environment(), GATEPOST_TOKEN: token, PEOPLE_URL: `http://127.0.0.1:${port}` };
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    expect(JSON.parse(stdout)).toEqual({ batchItemFailures: [{ itemIdentifier: "m2" }] });
  }
  expect(put).toEqual([{ path: "/people/888001/photo", body: Buffer.from(jpeg("face")) }]);
  expect(await (await client.get("/v1/actions")).json()).toMatchObject({
    actions: [{ state: "done", reason: "photo updated" }],
  });
});

describe("who passed", () => {
  const time = Date.UTC(2026, 10, 5, 8);
  beforeEach(async () => {
    for (const [person, type, at] of [
      ["1", 1, 0],
      ["2", 5, 1],
      ["3", 2, 2],
    ] as const)
      await box.post("/HistoryEvent", history({ identity_id: person, timestamp: time + at }, { person_type: type }));
  });
  const expected = ["3\t王芳", "2\t王芳"].map((who) => expect.stringMatching(new RegExp(`${who}$`)));

  it("is listed by a filter in TypeScript", () => {
    const printed = run(process.execPath, example("query/query.ts"), "type=vip", "type=visitor", "box=gate-1");
    expect(printed.trim().split("\n")).toEqual(expected);
    expect(() => run(process.execPath, example("query/query.ts"), "colour=red")).toThrow(/Command failed/);
  });

  it.skipIf(noPython !== null)("and the same in Python", () => {
    const filter = ["type=vip", "type=visitor", "box=gate-1"];
    const printed = run(python, example("python/events.py"), ...filter);
    expect(printed).toBe(run(process.execPath, example("query/query.ts"), ...filter));
    expect(() => run(python, example("python/events.py"), "colour=red")).toThrow(/Command failed/);
  });

  it.for([
    ["TypeScript", `${process.execPath} ${example("query/query.ts")}`, null],
    ["Python", `${python} ${example("python/events.py")}`, noPython],
    ["Python, changes", `${python} ${example("python/changes.py")} cursor`, noPython],
  ])("ends silently if its output is closed, in %s", ([_, command, reason], { skip }) => {
    if (typeof reason === "string") skip(reason);
    const { stderr } = spawnSync("sh", ["-c", `${command} | sh -c 'exec 0<&-'`], {
      cwd: folder,
      env: environment(),
      encoding: "utf8",
    });
    expect(stderr).toBe("");
  });

  it.skipIf(noPython !== null)("is followed in Python by the feed of changes, from the last cursor", async () => {
    const follow = () => run(python, example("python/changes.py"), "cursor", "--until-now");
    expect(follow().trim().split("\n")).toHaveLength(3);
    expect(follow()).toBe("");
    await box.post("/HistoryEvent", history({ identity_id: "4", timestamp: time + 3 }));
    expect(JSON.parse(follow())).toMatchObject({ person: { id: "4" } });
  });

  it.skipIf(noPython !== null)("follows the feed of changes over an answer that is cut off", async () => {
    let answers = 0;
    const cutting = createServer((_, response) => {
      answers++;
      if (answers === 1) {
        response.writeHead(200, { "content-length": 500 }).write('{"events":[');
        setTimeout(() => response.destroy(), 50);
      } else response.end('{"events":[{"id":"evt_1"}],"next":"a","more":false}');
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void cutting.close());
    await once(cutting, "listening");
    const url = `http://127.0.0.1:${(cutting.address() as AddressInfo).port}`;
    const follower = begin(python, [example("python/changes.py"), "cut.cursor", "--until-now"], { GATEPOST_URL: url });
    await expect.poll(() => follower.lines).toEqual(['{"id": "evt_1"}']);
    expect(follower.failures()).toBe("");
  });
});

it("hours of November: first in and last out, by the day of the zone", async () => {
  const at = (text: string) => Date.parse(text);
  const passes: [string, string, number][] = [
    ["1", "2026-11-05T08:01:02+08:00", 1],
    ["1", "2026-11-05T23:59:59+08:00", 1],
    ["1", "2026-11-05T12:00:00+08:00", 1],
    ["1", "2026-11-06T00:00:00+08:00", 1],
    ["2", "2026-11-05T09:00:00+08:00", 5],
    ["3", "2026-11-05T09:30:00+08:00", 2],
    ["1", "2026-11-04T23:59:59+08:00", 1],
  ];
  for (const [person, when, type] of passes) {
    const name = person === "2" ? '=1+1"' : "王芳";
    await box.post(
      "/HistoryEvent",
      history({ identity_id: person, identity_name: name, timestamp: at(when) }, { person_type: type }),
    );
  }
  const args = ["--from", "2026-11-05", "--to", "2026-11-06", "--zone", "Asia/Shanghai"];
  expect(run(process.execPath, example("hr/first-last.ts"), ...args).split("\r\n")).toEqual([
    '\uFEFF"person","name","day","first","at","last","at","passings"',
    '"1","王芳","2026-11-05","08:01:02","gate-1","23:59:59","gate-1","3"',
    '"1","王芳","2026-11-06","00:00:00","gate-1","00:00:00","gate-1","1"',
    `"2","'=1+1""","2026-11-05","09:00:00","gate-1","09:00:00","gate-1","1"`,
    "",
  ]);
});

it("the recipes for curl run from the first to the last", () => {
  const env = { ...environment(), URL: server.url, ADMIN: server.admin };
  const printed = execFileSync("bash", [example("curl/recipes.sh")], { cwd: folder, env, encoding: "utf8" });
  const steps = readFileSync(example("curl/recipes.sh"), "utf8").match(/^step "/gm) ?? [];
  const results = printed
    .split(/^# .*$/m)
    .slice(1)
    .map((result) => result.trim());
  expect(results).toHaveLength(steps.length);
  expect(results.filter((result) => result === "")).toEqual([]);
  expect(results.at(-1)).toBe('"events":[]');
});

describe("Home Assistant", () => {
  /** Of `!secret name` the name. */
  const secret: ScalarTag = { tag: "!secret", resolve: (name) => `secret:${name}` };
  const text = readFileSync(example("home-assistant/configuration.yaml"), "utf8");
  const config = parse(text, { customTags: [secret] });
  const pathsIn = (document: unknown, of: string): string[] =>
    [...JSON.stringify(document).matchAll(new RegExp(`\\b${of}((?:\\.\\w+)+)`, "g"))].map(([, path = ""]) =>
      path.slice(1),
    );
  const at = (document: unknown, path: string): unknown =>
    path.split(".").reduce<unknown>((found, name) => z.record(z.string(), z.unknown()).parse(found)[name], document);

  it("has sensors for members of the API's answer", async () => {
    await box.post("/HistoryEvent", history({ timestamp: Date.now() }));
    const [sensors] = config.rest;
    expect([sensors.resource, sensors.headers.Authorization]).toEqual([
      "secret:gatepost_counts",
      "secret:gatepost_token",
    ]);
    const [, path = ""] = /gatepost_counts: http:\/\/[^/]+(\/\S+)/.exec(text) ?? [];
    const answer = await (await client.get(path)).json();
    const paths = pathsIn(sensors, "value_json");
    expect(paths.length).toBeGreaterThan(3);
    for (const path of paths) expect([path, typeof at(answer, path)]).toEqual([path, "number"]);
  });

  it("shows its sensors, and the screen by a link, on a dashboard", () => {
    const { views } = parse(readFileSync(example("home-assistant/dashboard.yaml"), "utf8"));
    const [screen, list] = views[0].cards;
    expect(screen.url).toMatch(/^http:\/\/[\d.]+:9528\/screen#token=gpr_…&screen=s$/);
    const [{ sensor, binary_sensor }] = config.rest;
    const idsOf = (kind: string, all: { name: string }[]) =>
      all.map(({ name }) => `${kind}.${name.toLowerCase().replaceAll(" ", "_")}`);
    expect(list.entities).toEqual([...idsOf("sensor", sensor), ...idsOf("binary_sensor", binary_sensor)]);
  });

  it("receives passings by its webhook, by a rule without late events", async () => {
    const hook = await Subscriber.listen();
    onTestFinished(() => hook.close());
    const { path } = useRules("home-assistant/rules.json", hook.port);
    const [automation] = config.automation;
    expect(path).toBe(`/api/webhook/${automation.triggers[0].webhook_id}`);
    await box.post("/HistoryEvent", history({ timestamp: Date.now() }));
    await expect.poll(() => hook.delivered.map((one) => one.path)).toEqual([path]);
    const [envelope] = hook.envelopes;
    for (const path of pathsIn(automation, "trigger.json"))
      expect([path, at(envelope, path)]).not.toEqual([path, undefined]);
  });
});

it("every rule of an example is one that EventBridge would take", () => {
  for (const path of ["door/rules.json", "webhook/rules.json", "home-assistant/rules.json"]) {
    for (const { pattern } of rules.parse(JSON.parse(readFileSync(example(path), "utf8"))))
      expect(matches(compile(pattern), { source: "other" })).toBe(false);
  }
});
