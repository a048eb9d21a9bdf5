import { enTeach } from "./en-teach.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhTeach } from "./zh-teach.ts";

/** The words of teaching a report, in the language that is chosen. */
export const teachWords = wordsOfPage(enTeach, zhTeach);
