/// <reference path="../.sst/platform/config.d.ts" />
import { router } from "./console.ts";
import { gateway } from "./ingest.ts";
import { lambdas } from "./lambdas.ts";
import { settingsOf } from "./settings.ts";
import { type Deployed, deployedParameter, shown } from "./shown-settings.ts";

const { settings } = settingsOf($app.stage);

const deployed: Deployed = { commit: process.env.GATEPOST_DEPLOY || $cli.command, settings: shown(settings) };

/** The next deploy compares its settings with these. A deploy that fails before its functions are there notes none. */
new aws.ssm.Parameter(
  "Deployed",
  {
    name: deployedParameter($app.stage),
    description: `Gatepost ${$app.stage}: the settings of the last deploy`,
    type: "String",
    // Beyond 4 KB a parameter costs some cents a month.
    tier: "Intelligent-Tiering",
    value: JSON.stringify(deployed),
  },
  { dependsOn: [...lambdas.values(), gateway, router] },
);
