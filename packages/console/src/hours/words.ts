import { enHours } from "../words/en-hours.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhHours } from "../words/zh-hours.ts";

/** The words of Hours. */
export const hoursWords = wordsOfPage(enHours, zhHours);
