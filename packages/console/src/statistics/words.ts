import { enStatistics } from "../words/en-statistics.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhStatistics } from "../words/zh-statistics.ts";

/** The words of Statistics. */
export const statisticsWords = wordsOfPage(enStatistics, zhStatistics);
