import { type Apart, hoursApart, PatternError } from "../packages/event-pattern/src/index.ts";

/*
 * What environment variables of a deploy may set. sst.config.ts reads some of them before SST is loaded, so this file
 * uses nothing of SST. An invalid variable stops the deploy: to ignore it would be a surprise.
 */

/** The accounts that may be deployed to, as GATEPOST_ACCOUNT_IDS names them; undefined if it names none. */
export function allowedAccounts(named: string | undefined): string[] | undefined {
  if (isEmpty(named)) return undefined;
  const ids = named.split(",").map((id) => id.trim());
  const wrong = ids.find((id) => !/^\d{12}$/.test(id));
  if (wrong !== undefined) throw new Error(`GATEPOST_ACCOUNT_IDS: "${wrong}" is not the id of an account, 12 digits`);
  return ids;
}

/** Instances that a function may have at most, and that are kept for it, by its file: GATEPOST_RESERVED="api=50,any-event=20". */
export function reservedConcurrency(
  named: string | undefined,
  files: readonly string[],
): Partial<Record<string, number>> {
  if (isEmpty(named)) return {};
  const entries = named.split(",").map((entry) => {
    const [, file = "", count] = /^([\w-]+)=(\d{1,5})$/.exec(entry.trim()) ?? [];
    if (files.includes(file)) return [file, Number(count)] as const;
    throw new Error(
      `GATEPOST_RESERVED: "${entry}" is not a function and a number, as api=50; functions: ${files.join(", ")}`,
    );
  });
  return Object.fromEntries(entries);
}

/** US dollars a month, as GATEPOST_BUDGET_USD says; undefined if it says none. */
export function budgetOf(named: string | undefined, email: string | undefined): string | undefined {
  if (isEmpty(named)) return undefined;
  if (!/^[1-9]\d{0,7}$/.test(named)) throw new Error(`GATEPOST_BUDGET_USD: "${named}" is not a number of dollars`);
  if (isEmpty(email)) throw new Error("GATEPOST_BUDGET_USD needs GATEPOST_ALARM_EMAIL, else nobody is told");
  return named;
}

/** The company's provider of OpenID Connect, by which people sign in; undefined without one. */
export function companyOf(
  issuer: string | undefined,
  clientId: string | undefined,
): { issuer: string; clientId: string } | undefined {
  if (isEmpty(issuer) && isEmpty(clientId)) return undefined;
  if (isEmpty(issuer) || isEmpty(clientId)) {
    throw new Error("GATEPOST_OIDC_ISSUER and GATEPOST_OIDC_CLIENT_ID are given together, or not at all");
  }
  if (URL.canParse(issuer) && new URL(issuer).protocol === "https:") return { issuer, clientId };
  throw new Error(`GATEPOST_OIDC_ISSUER: "${issuer}" is not an https address`);
}

/** Reads a variable that switches something on: "1" is on; "0", empty or missing is off. Throws for any other value. */
export function isAskedFor(variable: string, named: string | undefined): boolean {
  if (isEmpty(named) || named === "0") return false;
  if (named === "1") return true;
  throw new Error(`${variable}: "${named}" is neither 0 nor 1`);
}

/** A time zone, as a variable names it; UTC if it names none. An abbreviation may mean several zones. */
export function zoneOf(variable: string, named: string | undefined): string {
  if (isEmpty(named) || named === "UTC") return "UTC";
  if (named.includes("/") && isZone(named)) return named;
  throw new Error(`${variable}: "${named}" is no time zone as Asia/Shanghai`);
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format() !== "";
  } catch {
    return false;
  }
}

/** A rule that alerts people, as GATEPOST_ALERTS has it. */
export interface AlertSetting {
  name: string;
  pattern: Record<string, unknown>;
  target: { type: string };
  maxAgeSeconds?: number;
  /** What the API of one machine notes: see docs/bus.md. */
  isOn?: boolean;
  changed?: object;
}

/** EventBridge has 300 rules for a bus, and Lambda 4 KB for all variables of a function. */
const maxAlerts = 50;
const maxAlertBytes = 2048;

/**
 * The rules that alert people, from GATEPOST_ALERTS: the rules of rules.json whose target has a type, without their
 * secrets, which SST keeps. Undefined if there are none.
 */
export function alertSettings(named: string | undefined): AlertSetting[] | undefined {
  if (isEmpty(named)) return undefined;
  const wrong = (why: string) => new Error(`GATEPOST_ALERTS: ${why}; see docs/alerts.md#on-aws`);
  let rules: AlertSetting[];
  try {
    rules = JSON.parse(named);
  } catch {
    throw wrong("it is no JSON");
  }
  if (!Array.isArray(rules) || rules.length > maxAlerts) throw wrong(`it must be a list of at most ${maxAlerts} rules`);
  for (const [index, rule] of rules.entries()) {
    const fault = alertFault(rule, rules.slice(0, index));
    if (fault !== undefined) throw wrong(`rule ${index + 1} ${fault}`);
  }
  const used = rules.filter(({ isOn }) => isOn !== false);
  if (Buffer.byteLength(JSON.stringify(used.map(withoutPattern))) > maxAlertBytes)
    throw wrong(`without the patterns it may have ${maxAlertBytes} bytes; templates are what is long`);
  return used.length === 0 ? undefined : used;
}

/** The parts of a rule that the function needs. EventBridge applies the pattern, except its hours. */
export function withoutPattern({
  pattern,
  isOn: _,
  changed: __,
  ...rule
}: AlertSetting): Omit<AlertSetting, "pattern" | "isOn" | "changed"> & { hours?: Apart["hours"] } {
  const { hours } = hoursApart(pattern);
  return hours === null ? rule : { ...rule, hours };
}

/** The part of a pattern that EventBridge applies: it does not know `between`. */
export function busPattern({ pattern }: AlertSetting): object {
  return hoursApart(pattern).bus ?? { source: ["gatepost"] };
}

function alertFault(rule: AlertSetting, before: readonly AlertSetting[]): string | undefined {
  if (typeof rule?.name !== "string" || !/^[\w.-]{1,64}$/.test(rule.name)) return "has no name";
  if (before.some(({ name }) => name === rule.name)) return `has the name ${rule.name} again`;
  if (typeof rule.pattern !== "object" || rule.pattern === null) return `(${rule.name}) has no pattern`;
  const hoursFault = faultOfHours(rule.pattern);
  if (hoursFault !== null) return `(${rule.name}) has a pattern that cannot be used: ${hoursFault}`;
  if (typeof rule.target?.type !== "string") return `(${rule.name}) has no target with a type`;
  if ("secret" in rule.target) return `(${rule.name}) has a secret: it belongs into the secret AlertSecrets`;
  return undefined;
}

function faultOfHours(pattern: AlertSetting["pattern"]): string | null {
  try {
    hoursApart(pattern);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}

function isEmpty(named: string | undefined): named is undefined | "" {
  return named === undefined || named.trim() === "";
}
