import { enInside } from "./en-inside.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhInside } from "./zh-inside.ts";

/** The words of Inside. */
export const insideWords = wordsOfPage(enInside, zhInside);
