import { enPalette } from "./en-palette.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhPalette } from "./zh-palette.ts";

/** The words of the palette, in the language of the page. */
export const paletteWords = wordsOfPage(enPalette, zhPalette);
