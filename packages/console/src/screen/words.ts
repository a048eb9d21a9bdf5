import { enScreen } from "../words/en-screen.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhScreen } from "../words/zh-screen.ts";

/** The words of screen mode. */
export const screenWords = wordsOfPage(enScreen, zhScreen);
