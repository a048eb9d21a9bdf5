import { enPeople } from "../words/en-people.ts";
import { wordsOfPage } from "../words/of-page.ts";
import { zhPeople } from "../words/zh-people.ts";

/** The words of People, of a person and of a stranger. */
export const peopleWords = wordsOfPage(enPeople, zhPeople);
