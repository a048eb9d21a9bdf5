import { enRules } from "./en-rules.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhRules } from "./zh-rules.ts";

/** The words of this page, in the language that is chosen. */
export const ruleWords = wordsOfPage(enRules, zhRules);
