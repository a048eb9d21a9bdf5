import { replay } from "@gatepost/receive";
import { expect, it } from "vitest";
import { bombsOf, fullSize } from "../../support/bombs.ts";
import { describeBombs } from "../../support/bombs-kept.ts";
import { deliver } from "../../support/ends.ts";
import { turnsOf } from "../../support/turns.ts";

describeBombs(bombsOf(fullSize));

it.each(bombsOf(6_300_000).filter(({ name }) => ["a list", "UTF-16"].includes(name)))(
  "a replay of $name does not block other work",
  async ({ body, headers }) => {
    const { deps } = await deliver(body, { headers });
    const [, turns] = await turnsOf(replay(deps.lastRecord, deps));
    expect(turns).toBeGreaterThan(100);
  },
);
