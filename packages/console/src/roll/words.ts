import { enRoll } from "../words/en-roll.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhRoll } from "../words/zh-roll.ts";

/** The words of an evacuation list. */
export const rollWords = wordsOfPage(enRoll, zhRoll);
