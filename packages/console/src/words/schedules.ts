import { enSchedules } from "./en-schedules.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhSchedules } from "./zh-schedules.ts";

/** The words of Schedules. */
export const scheduleWords = wordsOfPage(enSchedules, zhSchedules);
