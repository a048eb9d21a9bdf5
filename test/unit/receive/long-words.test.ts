import { describeLongWords } from "../../support/long-words.ts";

// Under measured coverage each byte costs much: test/system/ingest has the full size.
describeLongWords(400_000);
