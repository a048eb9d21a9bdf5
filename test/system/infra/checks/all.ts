import { alarmChecks } from "./alarms.ts";
import { busChecks } from "./bus.ts";
import type { Checks } from "./check.ts";
import { consoleChecks } from "./console.ts";
import { dashboardChecks } from "./dashboard.ts";
import { deployedChecks } from "./deployed.ts";
import { functionChecks } from "./functions.ts";
import { jobChecks } from "./jobs.ts";
import { notificationChecks } from "./notifications.ts";
import { routeChecks } from "./routes.ts";
import { rowChecks } from "./rows.ts";
import { storageChecks } from "./storage.ts";
import { tallyChecks } from "./tally.ts";

export const checks: Checks = {
  ...routeChecks,
  ...storageChecks,
  ...busChecks,
  ...functionChecks,
  ...rowChecks,
  ...jobChecks,
  ...notificationChecks,
  ...tallyChecks,
  ...alarmChecks,
  ...dashboardChecks,
  ...consoleChecks,
  ...deployedChecks,
};
