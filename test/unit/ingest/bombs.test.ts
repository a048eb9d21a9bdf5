import { replay } from "@gatepost/ingest";
import { expect, it } from "vitest";
import { bombsOf } from "../../support/bombs.ts";
import { describeBombs } from "../../support/bombs-kept.ts";
import { deliver } from "../../support/ends.ts";
import { turnsOf } from "../../support/turns.ts";

// Under measured coverage each value costs much: test/system/ingest has every wrapping, in its full size.
const size = 6_300_000;
const wrappings = ["a list", "gzip that nothing tells of", "UTF-16", "a text", "a form in parts"];
describeBombs(bombsOf(size).filter(({ name }) => wrappings.includes(name)));

it.each(bombsOf(size).filter(({ name }) => ["a list", "UTF-16"].includes(name)))(
  "a replay of $name lets others have their turns",
  async ({ body, headers }) => {
    const { deps } = await deliver(body, { headers });
    const [, turns] = await turnsOf(replay(deps.lastRecord, deps));
    expect(turns).toBeGreaterThan(100);
  },
);
