import { enActions } from "../words/en-actions.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhActions } from "../words/zh-actions.ts";

/** The words of Actions. */
export const actionWords = wordsOfPage(enActions, zhActions);
