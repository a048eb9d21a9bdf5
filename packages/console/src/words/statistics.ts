import { enStatistics } from "./en-statistics.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhStatistics } from "./zh-statistics.ts";

/** The words of Statistics. */
export const statisticsWords = wordsOfPage(enStatistics, zhStatistics);
