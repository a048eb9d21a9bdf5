import { enNewBox } from "./en-new-box.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhNewBox } from "./zh-new-box.ts";

/** The words of Add a box. */
export const newBoxWords = wordsOfPage(enNewBox, zhNewBox);
