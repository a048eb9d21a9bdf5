import { describeLongWords } from "../../support/long-words.ts";
import { isLong } from "../../support/seeded.ts";

describeLongWords(isLong ? 20_000_000 : 8_000_000);
