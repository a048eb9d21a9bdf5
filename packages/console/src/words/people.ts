import { enPeople } from "./en-people.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhPeople } from "./zh-people.ts";

/** The words of People, of a person and of a stranger. */
export const peopleWords = wordsOfPage(enPeople, zhPeople);
