import { enActions } from "./en-actions.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhActions } from "./zh-actions.ts";

/** The words of Actions. */
export const actionWords = wordsOfPage(enActions, zhActions);
