import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flagSentence } from "../../../packages/console/src/format/flags.ts";
import { en } from "../../../packages/console/src/words/en.ts";
import { enReasons } from "../../../packages/console/src/words/en-reasons.ts";
import { zh } from "../../../packages/console/src/words/zh.ts";
import { zhReasons } from "../../../packages/console/src/words/zh-reasons.ts";

/** The names in the first column of a table of docs/protocol.md, without the parts after their colons. */
function namesUnder(head: string): string[] {
  const [, rows = ""] = readFileSync("docs/protocol.md", "utf8").split(head);
  const table = rows.split("\n\n", 1)[0] ?? "";
  const cells = table.split("\n").map((row) => row.split("|")[1] ?? "");
  return [...new Set(cells.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)[:`]/g)].map(([, name = ""]) => name)))];
}

const flags = namesUnder("| flag | what it says |\n");
const reasons = namesUnder("| kept in quarantine as | what it was |\n");

describe.each([
  ["English", en, enReasons],
  ["Chinese", zh, zhReasons],
] as const)("the console in %s", (_, words, ofReports) => {
  it.each(flags)("the flag %s is known, in a row and as a sentence", (flag) => {
    expect(words.filters.flags).toHaveProperty([flag]);
    expect({ ...words.flags, ...words.flagsOf, ...words.flagsOfPictures }).toHaveProperty([flag]);
  });

  it.each(reasons)("the reason of quarantine %s is known", (reason) => {
    expect(ofReports.reasons).toHaveProperty([reason]);
  });
});

it.each([
  ["picture-lost:face", "The captured face is lost."],
  ["text-cut:face", "“face” was too long and is cut here. The whole report is kept in quarantine."],
  ["picture-lost:other", "The server noted “picture-lost:other”, which this page does not know yet."],
])("says of the flag %s: %s", (flag, sentence) => {
  expect(flagSentence(flag)).toBe(sentence);
});

it("both tables are found", () => {
  expect([flags.length, reasons.length]).toEqual([17, 28]);
});
