import { enBoxes } from "./en-boxes.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhBoxes } from "./zh-boxes.ts";

/** The words of Boxes. */
export const boxWords = wordsOfPage(enBoxes, zhBoxes);
