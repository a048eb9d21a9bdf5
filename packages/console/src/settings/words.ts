import { enSettings } from "../words/en-settings.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhSettings } from "../words/zh-settings.ts";

/** The words of Settings. */
export const settingsWords = wordsOfPage(enSettings, zhSettings);
