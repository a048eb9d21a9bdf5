import { createHash } from "node:crypto";
import { usedAlerts } from "./alert-settings.ts";
import { type SettingName, type Settings, settingNames } from "./settings.ts";

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
  const texts = settingNames.map((name) => [name, textOf(settings[name])]);
  const { subscribers = [] } = settings;
  const rules = usedAlerts(settings.alerts) ?? [];
  return {
    ...Object.fromEntries(texts),
    alerts: named(rules, ({ name }) => name),
    subscribers: named(subscribers, ({ bus }) => bus),
  };
}

function textOf(value: Settings[SettingName]): string {
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
