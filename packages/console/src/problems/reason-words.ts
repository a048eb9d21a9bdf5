import { enReasons } from "../words/en-reasons.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhReasons } from "../words/zh-reasons.ts";

/** The words for reasons of quarantine. */
export const reasonWords = wordsOfPage(enReasons, zhReasons);
