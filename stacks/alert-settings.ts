import { templateOf } from "../packages/alerts/src/target/template.ts";
import { refuseNumbersForText } from "../packages/embedded/src/bus/text-fields.ts";
import { type Apart, hoursApart, PatternError } from "../packages/event-pattern/src/index.ts";

/** A rule that alerts people: a rule of rules.json whose target has a type, without its secrets, which SST keeps. */
export interface AlertSetting {
  name: string;
  pattern: Record<string, unknown>;
  target: { type: string; template?: unknown };
  maxAgeSeconds?: number;
  /** What the API of one machine notes: see docs/bus.md. */
  isOn?: boolean;
  changed?: object;
}

/** EventBridge has 300 rules for a bus, and Lambda 4 KB for all variables of a function. */
const maxAlerts = 50;
const maxAlertBytes = 2048;

/** The reason why rules that alert people cannot be used; undefined if they can. */
export function faultOfAlerts(rules: unknown): string | undefined {
  if (!Array.isArray(rules) || rules.length > maxAlerts) return `it must be a list of at most ${maxAlerts} rules`;
  for (const [index, rule] of rules.entries()) {
    const fault = faultOf(rule, rules.slice(0, index));
    if (fault !== undefined) return `rule ${index + 1} ${fault}`;
  }
  return Buffer.byteLength(JSON.stringify(used(rules).map(withoutPattern))) > maxAlertBytes
    ? `without the patterns it may have ${maxAlertBytes} bytes; templates are what is long`
    : undefined;
}

/** The rules that are on; undefined if there are none. */
export function usedAlerts(rules: readonly AlertSetting[] = []): AlertSetting[] | undefined {
  const left = used(rules);
  return left.length === 0 ? undefined : left;
}

const used = (rules: readonly AlertSetting[]) => rules.filter(({ isOn }) => isOn !== false);

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

/** The template of a rule that sends e-mail and names none, as `usualLanguage` has it in packages/alerts. */
const usualTemplate = "en";

/** The language of the first rule that sends e-mail, by which hours are mailed; undefined if there is none. */
export function mailLanguageOf(rules: readonly AlertSetting[] = []): "zh" | "en" | undefined {
  for (const { type, template = usualTemplate } of rules.map(({ target }) => target)) {
    if (type !== "email" || typeof template !== "string") continue;
    const read = templateOf(template);
    if (typeof read !== "string") return read.language;
  }
  return undefined;
}

/** The part of a pattern that EventBridge applies: it does not know `between`. */
export function busPattern({ pattern }: AlertSetting): object {
  return hoursApart(pattern).bus ?? { source: ["gatepost"] };
}

function faultOf(rule: AlertSetting, before: readonly AlertSetting[]): string | undefined {
  if (typeof rule?.name !== "string" || !/^[\w.-]{1,64}$/.test(rule.name)) return "has no name";
  if (before.some(({ name }) => name === rule.name)) return `has the name ${rule.name} again`;
  if (typeof rule.pattern !== "object" || rule.pattern === null) return `(${rule.name}) has no pattern`;
  const patternFault = faultOfPattern(rule.pattern);
  if (patternFault !== null) return `(${rule.name}) has a pattern that cannot be used: ${patternFault}`;
  if (typeof rule.target?.type !== "string") return `(${rule.name}) has no target with a type`;
  if ("secret" in rule.target) return `(${rule.name}) has a secret: it belongs into the secret AlertSecrets`;
  return undefined;
}

function faultOfPattern(pattern: AlertSetting["pattern"]): string | null {
  try {
    hoursApart(pattern);
    refuseNumbersForText(pattern);
    return null;
  } catch (error) {
    if (error instanceof PatternError) return error.message;
    throw error;
  }
}
