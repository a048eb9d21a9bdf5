import { enBoxes } from "../words/en-boxes.ts";
import { enNewBox } from "../words/en-new-box.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhBoxes } from "../words/zh-boxes.ts";
import { zhNewBox } from "../words/zh-new-box.ts";

/** The words of Boxes. */
export const boxWords = wordsOfPage(enBoxes, zhBoxes);

/** The words of Add a box. */
export const newBoxWords = wordsOfPage(enNewBox, zhNewBox);
