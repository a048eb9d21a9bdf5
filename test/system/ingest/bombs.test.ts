import { bombsOf, fullSize } from "../../support/bombs.ts";
import { describeBombs } from "../../support/bombs-kept.ts";

describeBombs(bombsOf(fullSize));
