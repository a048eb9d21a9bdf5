import { type Deployed, type Resolved, type SettingName, settingNames, shown } from "../../stacks/settings.ts";
import { kindOf } from "../../stacks/stage-kind.ts";

/** Settings whose loss a deploy must be told: boxes, people or alarms would reach nothing. */
export const kept: readonly SettingName[] = [
  ...(["domain", "consoleDomain", "alarms", "pager", "alerts", "subscribers", "kms", "oidc"] as const),
  // Subscribers would get fewer entries, pictures would be removed for good, and scenes would be kept for longer.
  ...(["announceEvents", "retentionDays", "sceneDays"] as const),
  // No one would see any more who read which pictures.
  "dataEvents",
  // The old copy would get no more erasures.
  "replica",
];

/** A new one is as good as the old one: the mail goes to another address. */
const replaceable: readonly SettingName[] = [
  "alarms",
  "pager",
  "alerts",
  "subscribers",
  "oidc",
  "retentionDays",
  "sceneDays",
];

export interface Plan {
  /** Every setting, and what changes against the deployed one. */
  lines: string[];
  /** The reasons why it must not be deployed. */
  refusals: string[];
}

/**
 * Compares the settings of a stage with the deployed ones.
 *
 * @param deployed null if nothing is deployed yet
 * @param dropped the settings that may be lost
 */
export function planOf(
  stage: string,
  { settings, origins }: Resolved,
  deployed: Deployed | null,
  dropped: ReadonlySet<string>,
): Plan {
  const wanted = shown(settings);
  const rows = settingNames.map((name) => [
    name,
    wanted[name] || "-",
    origins[name] ?? "default",
    deployed === null ? "" : changeOf(wanted[name], deployed.settings[name] ?? ""),
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const before = deployed === null ? "nothing is deployed yet" : `deployed: ${deployed.commit}`;
  return {
    lines: [
      `${stage} is a ${kindOf(stage)} stage; ${before}`,
      ...rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd()),
    ],
    refusals: [...unheard(stage, settings.alarms), ...lost(wanted, { origins, deployed, dropped })],
  };
}

function changeOf(wanted: string, was: string): string {
  if (wanted === was) return "";
  return was === "" ? "NEW" : `CHANGED, was ${was}`;
}

function unheard(stage: string, alarms: string | undefined): string[] {
  if (alarms !== undefined || kindOf(stage) !== "production") return [];
  return [
    `no one receives the alarms: write "alarms": "you@example.com" or "alarms": "none" into stages.${stage} of stages.json`,
  ];
}

interface Before extends Pick<Resolved, "origins"> {
  deployed: Deployed | null;
  dropped: ReadonlySet<string>;
}

function lost(wanted: Record<string, string>, { origins, deployed, dropped }: Before): string[] {
  return kept.flatMap((name) => {
    const was = deployed?.settings[name] ?? "";
    const isReplaced = replaceable.includes(name) && isSet(wanted[name]) && origins[name] !== undefined;
    const isLost = isSet(was) && wanted[name] !== was && !isReplaced;
    if (!isLost || dropped.has(name)) return [];
    return [`${name} ${was} is deployed and would be lost: set it again, or deploy with --drop ${name}`];
  });
}

const isSet = (text: string | undefined) => !["", "none", "false"].includes(text ?? "");
