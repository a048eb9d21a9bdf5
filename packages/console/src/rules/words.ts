import { enRules } from "../words/en-rules.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhRules } from "../words/zh-rules.ts";

/** The words of this page, in the language that is chosen. */
export const ruleWords = wordsOfPage(enRules, zhRules);
