import { enInside } from "../words/en-inside.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhInside } from "../words/zh-inside.ts";

/** The words of Inside. */
export const insideWords = wordsOfPage(enInside, zhInside);
