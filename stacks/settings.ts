import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { refuseNumbersForText } from "../packages/embedded/src/bus/text-fields.ts";
import { compile, hoursApart, PatternError } from "../packages/event-pattern/src/index.ts";
import { type AlertSetting, faultOfAlerts, usedAlerts } from "./alert-settings.ts";
import { defaultsOf, kindOf, projectFolder } from "./stage-kind.ts";

/*
 * What a deployment may set: in stages.json, which is committed, so that no deploy forgets it. A variable of the
 * environment replaces one setting. sst.config.ts reads them before SST is loaded, so this file uses nothing of SST. An
 * invalid setting stops the deploy: to ignore it would be a surprise.
 */

const functions = z.record(
  z.string().refine((name) => files().includes(name), {
    error: ({ input }) => `"${input}" is not a function; functions: ${files().join(", ")}`,
  }),
  z
    .int({ error: ({ input }) => `"${input}" is not a number of instances, as in api=50` })
    .min(0)
    .max(99_999),
);

const yesOrNo = z.boolean({ error: ({ input }) => `"${input}" is neither true nor false; in a variable 1 or 0` });

const hostname = z.string().regex(/^(?=.{1,253}$)(?:[a-z\d][a-z\d-]{0,62}\.)+[a-z]{2,63}$/, {
  error: ({ input }) =>
    /^[\w.-]+\/./.test(`${input}`)
      ? `"${input}" has a path: on AWS, Gatepost has a domain to itself; put a distribution of your own in front for a path`
      : `"${input}" is not a name as gate.example.com`,
});

const mailOrNone = z.string().refine((text) => text === "none" || z.email().safeParse(text).success, {
  error: ({ input }) => `"${input}" is neither a mail address nor none`,
});

const region = z.string().regex(/^[a-z]{2}(?:-[a-z]+){1,3}-\d$/, {
  error: ({ input }) => `"${input}" is not a region, as eu-west-1`,
});

const notDays = ({ input }: { input?: unknown }) => `"${input}" is not a number of days, 1 to 3650`;

const account = z
  .string()
  .regex(/^\d{12}$/, { error: ({ input }) => `"${input}" is not the id of an account, 12 digits` });

/** The settings of one stage. Their descriptions are in stages.schema.json and docs/reference.md. */
const shape = {
  region: region.describe("the region of AWS; else AWS_REGION"),
  accounts: z
    .array(account)
    .min(1)
    .describe("accounts that may be deployed to; a deploy with other credentials fails at once"),
  domain: hostname.describe("the domain of the boxes' addresses, whose zone is in Route 53 of the account"),
  consoleDomain: hostname.describe("the domain of the console"),
  alarms: mailOrNone.describe('the mail address that receives the alarms, or "none"; production needs one of both'),
  pager: mailOrNone.describe('the mail address of a pager, which gets only urgent alarms, or "none"'),
  budgetUsd: z
    .int({ error: ({ input }) => `"${input}" is not a number of dollars` })
    .min(1, { error: ({ input }) => `"${input}" is not a number of dollars` })
    .max(99_999_999)
    .describe("dollars a month of the whole account before a mail is sent to the address of alarms"),
  canary: yesOrNo.describe(
    "checks the whole deployment every five minutes; its keys are CanaryIngestKey and CanaryReadKey of SST",
  ),
  rateByAddress: z
    .int({ error: ({ input }) => `"${input}" is not a number of requests` })
    .min(10, { error: ({ input }) => `"${input}" is fewer than the 10 requests that AWS can limit` })
    .max(2_000_000_000)
    .describe("requests that one address may send in five minutes to the address of the console; beyond it gets 403"),
  dataEvents: yesOrNo.describe("notes in CloudTrail who reads and writes pictures, which costs money"),
  replica: region.describe("another region, which gets a copy of each picture; S3 then keeps erased ones for two days"),
  kms: yesOrNo.describe("a separate KMS key for table and bucket"),
  xray: yesOrNo.describe("traces of functions with X-Ray, which cost money"),
  noSubscribers: yesOrNo.describe("no subscriber reads the queues of actions, so unread queues raise no alarm"),
  reserved: functions.describe("instances that a function may have at most, and that are kept for it, by its file"),
  provisioned: functions.describe("warm instances of a function, by its file"),
  oidc: z
    .strictObject({
      issuer: z.string().refine((text) => URL.canParse(text) && new URL(text).protocol === "https:", {
        error: ({ input }) => `"${input}" is not an https address`,
      }),
      clientId: z.string().min(1),
    })
    .describe("the company's provider of OpenID Connect; its secret is OidcClientSecret of SST"),
  alerts: z
    .custom<AlertSetting[]>((rules) => faultOfAlerts(rules) === undefined, {
      error: ({ input }) => `${faultOfAlerts(input)}; see docs/alerts.md#on-aws`,
    })
    .describe("the rules that alert people; their secrets are AlertSecrets of SST"),
  subscribers: z
    .array(
      z.strictObject({
        bus: z.string().regex(/^arn:[\w-]{1,20}:events:[\w-]{1,30}:\d{12}:event-bus\/[\w.-]{1,256}$/, {
          error: ({ input }) => `"${input}" is not the ARN of a bus`,
        }),
        pattern: z.custom<Record<string, unknown>>((pattern) => faultOfPattern(pattern) === undefined, {
          error: ({ input }) => `the pattern cannot be used: ${faultOfPattern(input)}`,
        }),
      }),
    )
    .min(1)
    .max(20)
    .describe("buses, also of other accounts, that get the entries that a pattern matches"),
  pictureReaders: z
    .array(account)
    .min(1)
    .max(20)
    .describe("other accounts that may read the pictures of events in the bucket, as entries of the bus name them"),
  alertZone: z
    .string()
    .refine((name) => name === "UTC" || (name.includes("/") && isZone(name)), {
      error: ({ input }) => `"${input}" is no time zone as Asia/Shanghai`,
    })
    .describe("the time zone of times in alerts"),
  retentionDays: z.int().min(1).max(3650).describe("days from the first receipt of an event to its end"),
  sceneDays: z
    .int({ error: notDays })
    .min(1, { error: notDays })
    .max(3650, { error: notDays })
    .describe("days from the first receipt of an event to the end of its scene, if that is before its own"),
  keepFeatures: yesOrNo.describe("keeps feature vectors that boxes send, which are biometric data"),
  announceEvents: yesOrNo.describe("puts every event on the bus, also one that asks for no action"),
};

const stageSettings = z.strictObject({ $comment: z.string().describe("is ignored"), ...shape }).partial();

/** The form of the name of a stage. */
export const stageName = /^[a-zA-Z][a-zA-Z\d-]*$/;

/** stages.json: the settings of each stage, by its name. */
export const stagesFile = z.strictObject({
  $schema: z.string().optional(),
  stages: z.record(z.string().regex(stageName), stageSettings),
});

export type SettingName = keyof typeof shape;

type Given = { [Name in SettingName]?: z.infer<(typeof shape)[Name]> };

type Always =
  | "canary"
  | "dataEvents"
  | "kms"
  | "xray"
  | "noSubscribers"
  | "reserved"
  | "provisioned"
  | "alertZone"
  | "retentionDays";

/** Every setting of a stage. A missing one is not set. */
export type Settings = Given & Required<Pick<Given, Always | "keepFeatures" | "announceEvents">>;

export const settingNames = Object.keys(shape) as SettingName[];

/** The description of a setting. */
export const describedSetting = (name: SettingName): string => shape[name].description ?? "";

const isOn = (text: string): unknown => (text === "0" ? false : text === "1" ? true : text);

/** The variables that replace settings, and how their text is read. The schema refuses a text that cannot be read. */
export const overrides: readonly (readonly [variable: string, name: SettingName, read: (text: string) => unknown])[] = [
  ["GATEPOST_ACCOUNT_IDS", "accounts", (text) => text.split(",").map((id) => id.trim())],
  ["GATEPOST_DOMAIN", "domain", (text) => text],
  ["GATEPOST_CONSOLE_DOMAIN", "consoleDomain", (text) => text],
  ["GATEPOST_ALARM_EMAIL", "alarms", (text) => text],
  ["GATEPOST_BUDGET_USD", "budgetUsd", (text) => (/^\d{1,8}$/.test(text) ? Number(text) : text)],
  ["GATEPOST_KMS", "kms", isOn],
  ["GATEPOST_XRAY", "xray", isOn],
  ["GATEPOST_NO_SUBSCRIBERS", "noSubscribers", isOn],
  ["GATEPOST_RESERVED", "reserved", countsOf],
  ["GATEPOST_ALERTS", "alerts", jsonOf],
  ["GATEPOST_SUBSCRIBERS", "subscribers", jsonOf],
  ["GATEPOST_ALERT_ZONE", "alertZone", (text) => text],
];

const issuer = "GATEPOST_OIDC_ISSUER";
const clientId = "GATEPOST_OIDC_CLIENT_ID";

/** Every variable that a deployment reads, except the mark of the command of deploys. */
export const settingVariables = [...overrides.map(([variable]) => variable), issuer, clientId];

export interface Resolved {
  settings: Settings;
  /** The origin of each setting: stages.json, a variable, or the default. */
  origins: Partial<Record<SettingName, string>>;
}

/** An invalid setting, and its place. */
export class SettingError extends Error {}

/**
 * The settings of a stage. Throws SettingError.
 *
 * @param env the environment, whose variables replace settings; an empty one replaces nothing
 * @param file the text of stages.json; null without one
 */
export function settingsOf(
  stage: string | undefined,
  env: Partial<Record<string, string>> = process.env,
  file: string | null = committed(),
): Resolved {
  const { $comment: _, ...inFile } = fileOf(file).stages[stage ?? ""] ?? {};
  const origins: Resolved["origins"] = {};
  for (const name of Object.keys(inFile) as SettingName[]) origins[name] = "stages.json";
  const given: Given = {};
  Object.assign(given, inFile);
  for (const [variable, name, value] of [...replaced(env), ...company(env)]) {
    const read = stageSettings.safeParse({ [name]: value });
    if (!read.success) throw new SettingError(`${variable}: ${faultOf(read.error)}`);
    Object.assign(given, read.data);
    origins[name] = variable;
  }
  if (given.budgetUsd !== undefined && (given.alarms ?? "none") === "none")
    throw new SettingError(`budgetUsd of ${stage} needs a mail address in alarms, else no one is notified`);
  requireElsewhere(stage, given.replica, given.region ?? textOf(env["AWS_REGION"]));
  return { settings: { ...usual(stage), ...given }, origins };
}

/** Refuses a copy in the region of the deployment, and one in a partition of AWS that S3 cannot copy to. */
function requireElsewhere(stage: string | undefined, replica: string | undefined, region: string | undefined): void {
  if (replica === undefined || region === undefined) return;
  if (replica === region)
    throw new SettingError(`replica of ${stage} is ${replica}, the region of the deployment: name another one`);
  const [there, here] = [replica, region].map((one) => /^(?:cn|us-gov)-/.exec(one)?.[0]);
  if (there !== here)
    throw new SettingError(`replica of ${stage} is ${replica}, but S3 copies nothing there from ${region}`);
}

/** The settings of a stage that sets nothing. */
const usual = (stage: string | undefined) => ({
  canary: false,
  dataEvents: false,
  kms: false,
  xray: false,
  noSubscribers: false,
  reserved: {},
  provisioned: {},
  alertZone: "UTC",
  retentionDays: defaultsOf(kindOf(stage)).retentionDays,
  keepFeatures: false,
  announceEvents: false,
});

type Replaced = [variable: string, name: SettingName, value: unknown];

function replaced(env: Partial<Record<string, string>>): Replaced[] {
  return overrides.flatMap(([variable, name, read]) => {
    const text = textOf(env[variable]);
    return text === undefined ? [] : [[variable, name, read(text)] satisfies Replaced];
  });
}

/** Both variables of the provider of OpenID Connect make one setting. */
function company(env: Partial<Record<string, string>>): Replaced[] {
  const [ofIssuer, ofClient] = [textOf(env[issuer]), textOf(env[clientId])];
  if (ofIssuer === undefined && ofClient === undefined) return [];
  if (ofIssuer === undefined || ofClient === undefined)
    throw new SettingError(`${issuer} and ${clientId} are given together, or not at all`);
  return [[issuer, "oidc", { issuer: ofIssuer, clientId: ofClient }]];
}

function textOf(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === "" ? undefined : text.trim();
}

function committed(): string | null {
  const path = join(projectFolder(process.cwd()), "stages.json");
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

function fileOf(text: string | null): z.infer<typeof stagesFile> {
  if (text === null) return { stages: {} };
  const json = jsonOf(text);
  if (json === text) throw new SettingError("stages.json is no JSON");
  const read = stagesFile.safeParse(json);
  if (read.success) return read.data;
  throw new SettingError(`stages.json: ${read.error.issues[0]?.path.join(".")}: ${faultOf(read.error)}`);
}

/** The first fault. The fault of a name in a record, and of the last of several forms, is one level deeper. */
function faultOf({ issues: [first] }: z.ZodError): string | undefined {
  if (first?.code === "invalid_union") return first.errors.at(-1)?.[0]?.message;
  return first?.code === "invalid_key" ? first.issues[0]?.message : first?.message;
}

/** The functions, by their files. */
function files(): string[] {
  return readdirSync(join(projectFolder(process.cwd()), "functions")).map((file) => file.replace(/\.ts$/, ""));
}

/** Text that is no JSON remains text, which the schema refuses. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** "api=50,any-event=20" as an object. */
function countsOf(text: string): unknown {
  const entries = text.split(",").map((entry) => entry.trim().split("="));
  return Object.fromEntries(
    entries.map(([file = "", ...rest]) => {
      const count = rest.join("=");
      return [file, /^\d{1,5}$/.test(count) ? Number(count) : count];
    }),
  );
}

/** The reason why EventBridge could not use a pattern; undefined if it can. */
function faultOfPattern(pattern: unknown): string | undefined {
  if (typeof pattern !== "object" || pattern === null) return "it is no object";
  try {
    compile({ ...pattern });
    refuseNumbersForText(pattern);
    return hoursApart({ ...pattern }).hours === null ? undefined : "EventBridge does not know between";
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false;
  }
}

/** Every setting as a line shows it, and as a deployment is compared with the one before. "" is not set. */
export type Shown = Record<SettingName, string>;

/** What a deployment notes about itself: its settings, and the commit that it was made of. */
export interface Deployed {
  commit: string;
  settings: Partial<Record<string, string>>;
}

/** The name of the parameter of SSM in which a stage notes its last deploy. */
export const deployedParameter = (stage: string) => `/gatepost/${stage}/deployed`;

export function shown(settings: Settings): Shown {
  const texts = settingNames.map((name) => [name, shownValue(settings[name])]);
  const { subscribers = [] } = settings;
  const rules = usedAlerts(settings.alerts) ?? [];
  return {
    ...Object.fromEntries(texts),
    alerts: named(rules, ({ name }) => name),
    subscribers: named(subscribers, ({ bus }) => bus),
  };
}

function shownValue(value: Settings[SettingName]): string {
  if (value === undefined) return "";
  if (typeof value !== "object") return `${value}`;
  const entries = Array.isArray(value)
    ? value.map(String)
    : Object.entries(value).map(([name, one]) => `${name}=${one}`);
  return entries.toSorted().join(", ");
}

/** The names of rules; a digest shows that one of them has changed. */
function named<Rule>(rules: readonly Rule[], nameOf: (rule: Rule) => string): string {
  if (rules.length === 0) return "";
  const digest = createHash("sha256").update(JSON.stringify(rules)).digest("hex");
  return `${rules.map(nameOf).join(", ")} (${digest.slice(0, 8)})`;
}
