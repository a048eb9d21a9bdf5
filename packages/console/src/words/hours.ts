import { enHours } from "./en-hours.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhHours } from "./zh-hours.ts";

/** The words of Hours. */
export const hoursWords = wordsOfPage(enHours, zhHours);
