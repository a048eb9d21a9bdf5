import { enRoster } from "./en-roster.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhRoster } from "./zh-roster.ts";

/** The words of the roster. */
export const rosterWords = wordsOfPage(enRoster, zhRoster);
