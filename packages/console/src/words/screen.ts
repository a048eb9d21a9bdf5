import { enScreen } from "./en-screen.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhScreen } from "./zh-screen.ts";

/** The words of screen mode. */
export const screenWords = wordsOfPage(enScreen, zhScreen);
