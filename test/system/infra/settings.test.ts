import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { repository } from "../../../scripts/synth/graph.ts";
import { SettingError, settingsOf, stagesFile } from "../../../stacks/settings.ts";

const example = readFileSync(join(repository, "stages.json"), "utf8");
const file = (settings: object) => JSON.stringify({ stages: { office: settings } });

/** The settings of the stage office. */
const office = (settings: object, env: Record<string, string> = {}) => settingsOf("office", env, file(settings));

describe("the settings of a stage", () => {
  it("are read from stages.json, whose comments are ignored", () => {
    const { settings, origins } = office({ $comment: "the office", domain: "gate.example.com", retentionDays: 30 });
    expect(settings).toEqual({
      domain: "gate.example.com",
      retentionDays: 30,
      canary: false,
      dataEvents: false,
      kms: false,
      xray: false,
      noSubscribers: false,
      reserved: {},
      provisioned: {},
      alertZone: "UTC",
      keepFeatures: false,
      announceEvents: false,
    });
    expect(origins).toEqual({ domain: "stages.json", retentionDays: "stages.json" });
  });

  it("are replaced by variables, of which an empty one replaces nothing", () => {
    const env = { GATEPOST_DOMAIN: "b.example.com", GATEPOST_ALARM_EMAIL: " ", GATEPOST_KMS: "1" };
    const { settings, origins } = office({ domain: "a.example.com", alarms: "ops@example.com" }, env);
    expect(settings).toMatchObject({ domain: "b.example.com", alarms: "ops@example.com", kms: true });
    expect(origins).toEqual({ domain: "GATEPOST_DOMAIN", alarms: "stages.json", kms: "GATEPOST_KMS" });
  });

  it("keep events longer in production", () => {
    const days = (stage: string) => settingsOf(stage, {}, null).settings.retentionDays;
    expect([days("production"), days("office"), days("dev")]).toEqual([90, 90, 7]);
  });

  it("have an example in the repository, of which the schema is written", () => {
    const { settings } = settingsOf("example", {}, example);
    expect(settings).toMatchObject({ domain: "gate.example.com", alarms: "ops@example.com" });
    const schema = JSON.parse(readFileSync(join(repository, "stages.schema.json"), "utf8"));
    expect(schema).toEqual(JSON.parse(JSON.stringify(z.toJSONSchema(stagesFile, { unrepresentable: "any" }))));
  });
});

describe("an invalid setting stops the deploy:", () => {
  it.each([
    [{ domian: "gate.example.com" }, 'stages.json: stages.office: Unrecognized key: "domian"'],
    [
      { domain: "example.com/gate" },
      'stages.json: stages.office.domain: "example.com/gate" has a path: on AWS, Gatepost has a domain to itself; put a distribution of your own in front for a path',
    ],
    [{ domain: "https://gate" }, 'stages.json: stages.office.domain: "https://gate" is not a name as gate.example.com'],
    [{ accounts: ["1234"] }, 'stages.json: stages.office.accounts.0: "1234" is not the id of an account, 12 digits'],
    [{ rateByAddress: 5 }, '"5" is fewer than the 10 requests that AWS can limit'],
    [{ dataEvents: "yes" }, '"yes" is neither true nor false'],
    [{ pager: "+1 555 0100" }, '"+1 555 0100" is neither a mail address nor none'],
    [{ alarms: "ops" }, 'stages.json: stages.office.alarms: "ops" is neither a mail address nor none'],
    [{ region: "Ireland" }, 'stages.json: stages.office.region: "Ireland" is not a region, as eu-west-1'],
    [{ budgetUsd: 250 }, "budgetUsd of office needs a mail address in alarms, else no one is notified"],
    [{ budgetUsd: 250, alarms: "none" }, "budgetUsd of office needs a mail address in alarms"],
    [{ alerts: [{}] }, "stages.json: stages.office.alerts: rule 1 has no name; see docs/alerts.md#on-aws"],
    [{ alertZone: "CST" }, 'stages.json: stages.office.alertZone: "CST" is no time zone as Asia/Shanghai'],
    [{ sceneDays: 0 }, 'stages.json: stages.office.sceneDays: "0" is not a number of days, 1 to 3650'],
    [{ sceneDays: 0.5 }, '"0.5" is not a number of days, 1 to 3650'],
    [{ sceneDays: 3651 }, '"3651" is not a number of days, 1 to 3650'],
    [{ replica: "Frankfurt" }, '"Frankfurt" is not a region, as eu-west-1'],
    [
      { region: "eu-west-1", replica: "eu-west-1" },
      "replica of office is eu-west-1, the region of the deployment: name another one",
    ],
    [
      { region: "eu-west-1", replica: "cn-north-1" },
      "replica of office is cn-north-1, but S3 copies nothing there from eu-west-1",
    ],
    [{ reserved: { apis: 1 } }, '"apis" is not a function; functions: action-sweep, alert, '],
  ])("%j", (settings, why) => {
    expect(() => office(settings)).toThrow(SettingError);
    expect(() => office(settings)).toThrow(why);
  });

  it.each([
    ["GATEPOST_ACCOUNT_IDS", "12345678901", '"12345678901" is not the id of an account'],
    ["GATEPOST_ACCOUNT_IDS", "123456789012,", '"" is not the id of an account'],
    ["GATEPOST_KMS", "yes", '"yes" is neither true nor false'],
    ["GATEPOST_BUDGET_USD", "$5", '"$5" is not a number of dollars'],
    ["GATEPOST_BUDGET_USD", "0", '"0" is not a number of dollars'],
    ["GATEPOST_BUDGET_USD", "2.5", '"2.5" is not a number of dollars'],
    ["GATEPOST_RESERVED", "api", '"" is not a number of instances'],
    ["GATEPOST_RESERVED", "api=-1", '"-1" is not a number of instances'],
    ["GATEPOST_RESERVED", "apis=5", '"apis" is not a function; functions: '],
    ["GATEPOST_RESERVED", "api=5;any-event=5", "is not a number of instances"],
    ["GATEPOST_OIDC_ISSUER", "https://login.example.com", "are given together, or not at all"],
  ])("%s=%s", (variable, text, why) => {
    const set = () => office({ alarms: "ops@example.com" }, { [variable]: text });
    expect(set).toThrow(SettingError);
    expect(set).toThrow(why);
    expect(set).toThrow(variable);
  });

  it("a file that is no JSON", () => {
    expect(() => settingsOf("office", {}, "{")).toThrow(/^stages\.json is no JSON$/);
  });
});

it("a copy in the region of the environment stops the deploy", () => {
  const set = (region: string) => office({ replica: "eu-central-1" }, { AWS_REGION: region });
  expect(() => set("eu-central-1")).toThrow("replica of office is eu-central-1, the region of the deployment");
  expect(() => set("cn-north-1")).toThrow("S3 copies nothing there from cn-north-1");
  expect(set("eu-west-1").settings.replica).toBe("eu-central-1");
});

it("variables list accounts and the instances of functions", () => {
  const env = { GATEPOST_ACCOUNT_IDS: "123456789012, 210987654321", GATEPOST_RESERVED: "api=50, any-event=0" };
  expect(office({}, env).settings).toMatchObject({
    accounts: ["123456789012", "210987654321"],
    reserved: { api: 50, "any-event": 0 },
  });
});
