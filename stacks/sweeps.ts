/// <reference path="../.sst/platform/config.d.ts" />
import { actionSweeper, announcer, eraser, photoCopier } from "./access.ts";
import { lambda } from "./lambda.ts";

/** Announces what was left pending. */
export const actionSweep = lambda("action-sweep", { memory: "512 MB", timeout: "50 seconds" }, [
  actionSweeper,
  announcer,
  photoCopier,
]);

/** Finishes erasures, once every process knows of them. */
export const erasureSweep = lambda("erasure-sweep", { memory: "512 MB", timeout: "290 seconds" }, [eraser]);

new sst.aws.CronV2("ActionSweepSchedule", { schedule: "rate(1 minute)", function: actionSweep.targetArn });
new sst.aws.CronV2("ErasureSweepSchedule", { schedule: "rate(5 minutes)", function: erasureSweep.targetArn });
