const typesIn = (project: string, name: string) =>
  `tsc -p ${project} --singleThreaded --incremental --tsBuildInfoFile node_modules/.cache/tsc/${name}.json`;

/** The command of each check. */
export const checks: Record<string, string> = {
  types: typesIn(".", "types"),
  format: "biome ci .",
  unused: "knip --cache",
  stacks: `node scripts/synth/main.ts --platform && ${typesIn("stacks", "stacks")}`,
  console: `${typesIn("packages/console", "console")} && tsc -p packages/console/worker --singleThreaded`,
};
