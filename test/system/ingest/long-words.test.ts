import { describeLongWords } from "../../support/long-words.ts";

describeLongWords(20_000_000);
