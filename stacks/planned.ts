/// <reference path="../.sst/platform/config.d.ts" />

/** Refuses a deploy whose settings were not compared with the deployed ones: `npm run deploy` does that, and marks it. */
export function refuseUnplanned(): void {
  const deploys = $cli.command === "deploy" || ($cli.command === "dev" && $app.protect);
  if (!deploys || (process.env.GATEPOST_DEPLOY ?? "") !== "") return;
  throw new Error(`deploy by npm run deploy -- --stage ${$app.stage}: it compares the settings with the deployed ones`);
}
