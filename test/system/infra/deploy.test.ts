import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { json } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { planOf } from "../../../scripts/deploy/plan.ts";
import { repository } from "../../../scripts/synth/graph.ts";
import { type Deployed, type Settings, settingsOf, shown } from "../../../stacks/settings.ts";
import { listen } from "../../standins/listen.ts";

const resolved = (settings: object) => settingsOf("office", {}, JSON.stringify({ stages: { office: settings } }));
const deployed = (settings: object): Deployed => ({ commit: "abc", settings: shown(resolved(settings).settings) });

/** The refusals of a deploy of the stage office, whose settings were others before. */
const refusals = (settings: object, before: object | null, ...dropped: string[]) =>
  planOf("office", resolved(settings), before && deployed(before), new Set(dropped)).refusals;

const rule = { name: "vips", pattern: { source: ["gatepost"] }, target: { type: "wecom" } };
const all = {
  domain: "gate.example.com",
  consoleDomain: "console.example.com",
  alarms: "ops@example.com",
  pager: "night@example.com",
  kms: true,
  dataEvents: true,
  replica: "eu-central-1",
  oidc: { issuer: "https://login.example.com", clientId: "gatepost" },
  alerts: [rule],
};

describe("a deploy", () => {
  it("is not refused if its settings are deployed", () => {
    expect(refusals(all, all)).toEqual([]);
  });

  it.each(Object.keys(all) as (keyof typeof all)[])(
    "is refused if it would lose %s, unless told to drop it",
    (name) => {
      const { [name]: _, ...others } = { ...all, alarms: all.alarms };
      const settings: object = name === "alarms" ? { ...others, alarms: "none" } : others;
      expect(refusals(settings, all)).toEqual([
        expect.stringMatching(new RegExp(`^${name} .* would be lost: set it again, or deploy with --drop ${name}$`)),
      ]);
      expect(refusals(settings, all, name)).toEqual([]);
      expect(refusals(settings, all, "region")).toHaveLength(1);
    },
  );

  it("is refused if it would replace a domain or a copy, but not other settings", () => {
    expect(refusals({ ...all, domain: "other.example.com" }, all)).toEqual([expect.stringContaining("--drop domain")]);
    expect(refusals({ ...all, replica: "eu-west-3" }, all)).toEqual([expect.stringContaining("--drop replica")]);
    const others = { alarms: "night@example.com", alerts: [{ ...rule, name: "people" }], retentionDays: 1 };
    expect(refusals({ ...all, ...others }, all)).toEqual([]);
  });

  it("is refused if events stay unannounced, or a default would remove pictures earlier", () => {
    const settings = { ...all, announceEvents: true, retentionDays: 365 };
    expect(refusals(all, settings)).toEqual([
      expect.stringMatching(/^announceEvents true .* --drop announceEvents$/),
      expect.stringMatching(/^retentionDays 365 .* --drop retentionDays$/),
    ]);
    expect(refusals(all, settings, "announceEvents", "retentionDays")).toEqual([]);
    expect(refusals({ ...settings, retentionDays: 30 }, settings)).toEqual([]);
  });

  it("is refused if scenes would be kept as long as events again", () => {
    const settings = { ...all, sceneDays: 30 };
    expect(refusals(all, settings)).toEqual([expect.stringMatching(/^sceneDays 30 .* --drop sceneDays$/)]);
    expect([refusals(all, settings, "sceneDays"), refusals({ ...all, sceneDays: 60 }, settings)]).toEqual([[], []]);
  });

  it("is refused in production without a receiver of alarms, or none", () => {
    expect(refusals({}, null)).toEqual([expect.stringMatching(/^no one receives the alarms: write "alarms"/)]);
    expect([refusals({ alarms: "none" }, null), refusals({ alarms: "ops@example.com" }, null)]).toEqual([[], []]);
    expect(planOf("dev", settingsOf("dev", {}, null), null, new Set()).refusals).toEqual([]);
  });

  it("prints every setting with its origin, and what changes", () => {
    const before = deployed({ ...all, retentionDays: 30, alerts: [{ ...rule, pattern: {} }] });
    const { lines } = planOf("office", resolved({ ...all, xray: true, reserved: { api: 5 } }), before, new Set());
    const row = (name: string) => lines.find((line) => line.trim().startsWith(`${name} `))?.split(/ {2,}/);
    expect(lines[0]).toBe("office is a production stage; deployed: abc");
    expect(row("domain")).toEqual(["", "domain", "gate.example.com", "stages.json"]);
    expect(row("retentionDays")).toEqual(["", "retentionDays", "90", "default", "CHANGED, was 30"]);
    expect(row("xray")).toEqual(["", "xray", "true", "stages.json", "CHANGED, was false"]);
    expect(row("reserved")).toEqual(["", "reserved", "api=5", "stages.json", "NEW"]);
    expect(row("alerts")?.at(-1)).toMatch(/^CHANGED, was vips \([\da-f]{8}\)$/);
    expect(lines).toHaveLength(1 + Object.keys(shown({} as Settings)).length);
  });
});

/** The outputs of SST. */
const outputs = {
  url: "https://url.example",
  console: "https://console.example",
  table: "gatepost-example",
};

/** `npm run deploy` beside a program that replaces SST, and a service that replaces SSM. */
describe("the command that deploys", () => {
  let folder: string;
  let parameter: Deployed | null;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "gatepost-deploy-"));
    parameter = null;
    for (const own of ["stages.json", "functions"]) await symlink(join(repository, own), join(folder, own));
    await writeFile(join(folder, "sst.config.ts"), "");
    await sst(3);
  });

  /** Replaces the program of SST. */
  async function sst(exitCode: number) {
    const program = `#!/bin/sh\necho "$GATEPOST_DEPLOY $AWS_REGION $*" > "${join(folder, "called")}"; exit ${exitCode}\n`;
    await writeFile(join(folder, "sst"), program);
    await chmod(join(folder, "sst"), 0o755);
  }
  afterEach(() => rm(folder, { recursive: true }));

  async function deploy(...args: string[]) {
    return deployWith({}, ...args);
  }

  async function deployWith(variables: Record<string, string>, ...args: string[]) {
    const ssm = await listen(async (request, response) => {
      const asked = (await json(request)) as { Name: string };
      const found = { Parameter: { Name: asked.Name, Value: JSON.stringify(parameter) } };
      response.statusCode = parameter === null ? 400 : 200;
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify(parameter === null ? { __type: "ParameterNotFound" } : found));
    });
    onTestFinished(() => ssm.close());
    const env = {
      ...process.env,
      PATH: `${folder}${delimiter}${process.env["PATH"]}`,
      AWS_ENDPOINT_URL_SSM: ssm.url,
      AWS_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      GATEPOST_TOKEN: args.includes("--check") ? `gpa_${"a".repeat(27)}` : "",
      ...variables,
    };
    const main = join(repository, "scripts/deploy/main.ts");
    const done = await promisify(execFile)(process.execPath, [main, ...args], { cwd: folder, env }).catch(
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const called = await readFile(join(folder, "called"), "utf8").catch(() => null);
    return { code: "code" in done ? done.code : 0, out: done.stdout, err: done.stderr, called };
  }

  it("deploys by SST in the region of the stage, and ends as SST does", async () => {
    const { code, out, called } = await deploy("--stage", "example");
    expect(out).toContain("example is a production stage; nothing is deployed yet\n");
    expect(out).toMatch(/domain +gate\.example\.com +stages\.json\n/);
    expect(called).toMatch(/^no commit eu-west-1 deploy --stage example\n$/);
    expect(code).toBe(3);
  });

  it("deploys nothing if a domain would be lost, and does if told so", async () => {
    parameter = { commit: "abc", settings: { domain: "gate.example.org" } };
    const refused = await deploy("--stage", "example");
    expect(refused).toMatchObject({ code: 1, called: null });
    expect(refused.err).toBe(
      "domain gate.example.org is deployed and would be lost: set it again, or deploy with --drop domain\n",
    );
    expect((await deploy("--stage", "example", "--drop", "domain")).called).toMatch(/deploy --stage example/);
  });

  it("goes back to a version that does not know a setting of the deployed one", async () => {
    parameter = { commit: "abc", settings: { domain: "gate.example.com", later: "1" } };
    expect((await deploy("--stage", "example")).called).toMatch(/deploy --stage example/);
  });

  it("checks the deployment, and prints the commands that go back", async () => {
    await sst(0);
    parameter = { commit: `${"a".repeat(40)}+`, settings: {} };
    const closed = await listen((_, response) => response.writeHead(503).end());
    onTestFinished(() => closed.close());
    await mkdir(join(folder, ".sst"));
    await writeFile(join(folder, ".sst/outputs.json"), JSON.stringify({ ...outputs, url: closed.url }));
    const { code, out, err } = await deploy("--stage", "example", "--check");
    expect(code).toBe(1);
    expect(err).toContain("the check failed: ");
    expect(out).toContain("had changes that were not committed; this does not restore them\n");
    expect(out).toContain(
      `it does not work; go back by: git switch --detach ${"a".repeat(40)} && git checkout - -- stages.json && npm ci && npm run deploy -- --stage example\n`,
    );
  });

  it("prints the first link of a new deployment, in a CI the command for it", async () => {
    await sst(0);
    await mkdir(join(folder, ".sst"));
    await writeFile(join(folder, ".sst/outputs.json"), JSON.stringify(outputs));
    const written: string[] = [];
    const dynamo = await listen(async (request, response) => {
      written.push(JSON.stringify(await json(request)));
      response.setHeader("content-type", "application/x-amz-json-1.0");
      response.end("{}");
    });
    onTestFinished(() => dynamo.close());
    const variables = { AWS_ENDPOINT_URL_DYNAMODB: dynamo.url, CI: "" };
    const { code, out } = await deployWith(variables, "--stage", "example");
    const link = /^https:\/\/console\.example\/#setup=(gps_[\w-]{27})$/m.exec(out);
    expect([code, link?.[1]]).toEqual([0, expect.any(String)]);
    const hash = createHash("sha256")
      .update(link?.[1] ?? "")
      .digest("hex");
    expect(written.join("\n")).toContain(`"pk":{"S":"setup ${hash}"}`);
    const logged = await deployWith({ ...variables, CI: "true" }, "--stage", "example");
    expect(logged.out).toContain(
      "to sign in to the console: npx gatepost sign-in --stage example --table gatepost-example --public-url https://console.example\n",
    );
    expect(logged.out).not.toContain("gps_");
    parameter = { commit: "abc", settings: {} };
    expect((await deployWith(variables, "--stage", "example")).out).not.toContain("#setup=");
  });

  it("needs a key for a check before it deploys", async () => {
    const { code, err, called } = await deploy("--stage", "example", "--diff", "--check");
    expect([code, called]).toEqual([1, null]);
    expect(err).toContain("--diff deploys nothing that --check could look at");
  });

  it("writes a log with keys and account numbers masked", async () => {
    const [key, account, access] = [`gps_${"k".repeat(27)}`, "123456789012", `AKIA${"X".repeat(16)}`];
    const printed = `\\033[1m${key}\\033[0m arn:aws:iam::${account}:role/x 1234-5678-9012 ${access} at 1766000000000`;
    const program = `#!/bin/sh\nprintf '${printed}\\n'\nprintf 'no role in bucket_${account}' >&2\nexit 4\n`;
    await writeFile(join(folder, "sst"), program);
    const { code, out, err } = await deploy("--stage", "example", "--log", "deploy.log");
    expect([code, out, err]).toEqual([4, expect.stringContaining(key), expect.stringContaining(account)]);
    const log = await readFile(join(folder, "deploy.log"), "utf8");
    expect(log).toContain("example is a production stage; nothing is deployed yet\n");
    expect(log).toContain(
      `${"*".repeat(31)} arn:aws:iam::************:role/x ************** ${"*".repeat(20)} at 1766000000000\n`,
    );
    expect(log).toContain("no role in bucket_************\n");
  });

  it("logs why it deploys nothing", async () => {
    parameter = { commit: "abc", settings: { domain: "gate.example.org" } };
    const { err, called } = await deploy("--stage", "example", "--log", "deploy.log");
    expect(called).toBeNull();
    expect(await readFile(join(folder, "deploy.log"), "utf8")).toMatch(new RegExp(`\n${err}$`));
  });

  it("deploys nothing if the log cannot be written", async () => {
    const { code, err, called } = await deploy("--stage", "example", "--log", "missing/deploy.log");
    expect([code, called]).toEqual([1, null]);
    expect(err).toContain("could not deploy: Error: ENOENT: no such file or directory, open 'missing/deploy.log'");
  });

  it("names the variables of credentials if there are none", async () => {
    const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true", HOME: folder };
    const { code, err, called } = await deployWith(none, "--stage", "example");
    expect([code, called]).toEqual([1, null]);
    expect(err).toBe("no credentials of AWS: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n");
  });

  it("needs the region of production in stages.json", async () => {
    await rm(join(folder, "stages.json"));
    await writeFile(join(folder, "stages.json"), JSON.stringify({ stages: { office: { alarms: "none" } } }));
    const { err, called } = await deploy("--stage", "office");
    expect(err).toBe('office has no region: write "region": "eu-west-1" into stages.office of stages.json\n');
    expect(called).toBeNull();
  });

  it("shows changes without making them", async () => {
    parameter = { commit: "abc", settings: { domain: "gate.example.org" } };
    const { called, err } = await deploy("--stage", "example", "--diff");
    expect(called).toMatch(/ diff --stage example\n$/);
    expect(err).toContain("--drop domain");
  });

  it.each([
    [[], "name a stage"],
    [["--stage", "a b"], "name a stage"],
    [["--stage", "example", "--drop", "domian"], "--drop domian: can be dropped: domain, consoleDomain, alarms, "],
    [["--stage", "example", "--drop", "xray"], "--drop xray: can be dropped: domain, consoleDomain, alarms, "],
    [["--stage", "prodution"], "stages.json has no stage prodution: write it there, with its region"],
  ])("refuses %j", async (args, why) => {
    expect(await deploy(...args)).toMatchObject({ code: 1, err: expect.stringContaining(why), called: null });
  });
});
