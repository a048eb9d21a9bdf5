import { enSchedules } from "../words/en-schedules.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhSchedules } from "../words/zh-schedules.ts";

/** The words of Schedules. */
export const scheduleWords = wordsOfPage(enSchedules, zhSchedules);
