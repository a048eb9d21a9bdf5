import { enPalette } from "../words/en-palette.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhPalette } from "../words/zh-palette.ts";

/** The words of the palette, in the language of the page. */
export const paletteWords = wordsOfPage(enPalette, zhPalette);
