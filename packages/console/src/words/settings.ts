import { enSettings } from "./en-settings.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhSettings } from "./zh-settings.ts";

/** The words of Settings. */
export const settingsWords = wordsOfPage(enSettings, zhSettings);
