import { alarmMistakes } from "./alarms.ts";
import { busMistakes } from "./bus.ts";
import { consoleMistakes } from "./console.ts";
import { dashboardMistakes } from "./dashboard.ts";
import { deployedMistakes } from "./deployed.ts";
import { functionMistakes } from "./functions.ts";
import { jobMistakes } from "./jobs.ts";
import type { Mistake } from "./mistake.ts";
import { notificationMistakes } from "./notifications.ts";
import { routeMistakes } from "./routes.ts";
import { storageMistakes } from "./storage.ts";
import { tallyMistakes } from "./tally.ts";

/** Mistakes made in what a synth has recorded: the quick ones. */
export const recordedMistakes: Mistake[] = [
  ...routeMistakes,
  ...storageMistakes,
  ...busMistakes,
  ...functionMistakes,
  ...jobMistakes,
  ...notificationMistakes,
  ...tallyMistakes,
  ...alarmMistakes,
  ...dashboardMistakes,
  ...consoleMistakes,
  ...deployedMistakes,
];
