import { bombsOf } from "../../support/bombs.ts";
import { describeBombs } from "../../support/bombs-kept.ts";

// Under measured coverage each value costs much: test/system/ingest has every wrapping, in its full size.
const size = 6_300_000;
const wrappings = ["a list", "gzip that nothing tells of", "UTF-16", "a text", "a form in parts"];
describeBombs(bombsOf(size).filter(({ name }) => wrappings.includes(name)));
