import { enRoll } from "./en-roll.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhRoll } from "./zh-roll.ts";

/** The words of an evacuation list. */
export const rollWords = wordsOfPage(enRoll, zhRoll);
