import { enLabels } from "./en-labels.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhLabels } from "./zh-labels.ts";

/** The label of each member of the API that a form sends, in the language of the page. */
export const labels = wordsOfPage(enLabels, zhLabels);
