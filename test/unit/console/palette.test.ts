import { describe, expect, it } from "vitest";
import { best, type Findable } from "../../../packages/console/src/palette/rank.ts";

const all: Findable[] = [
  { group: "go", text: "Statistics", also: [] },
  { group: "go", text: "Live", also: [] },
  { group: "go", text: "实时", also: ["Live"] },
  { group: "boxes", text: "South gate", also: ["gate-1"] },
  { group: "boxes", text: "Gatehouse", also: ["lobby"] },
  { group: "boxes", text: "Tailgate", also: ["t"] },
  { group: "views", text: "Gate 3 at night", also: [] },
  { group: "do", text: "Full screen", also: [] },
];

const found = (typed: string, most = 8) => best(all, typed, most).map(({ one }) => one.text);

describe("the palette finds", () => {
  it("the best matches in their groups, and the same for the same text", () => {
    expect(found("gate")).toEqual(["Gatehouse", "South gate", "Tailgate", "Gate 3 at night"]);
    expect(found("GATE")).toEqual(found("gate"));
    expect(found(" ｇａｔｅ ")).toEqual(found("gate"));
  });

  it("no more than asked for, worse matches left out first", () => {
    expect(found("gate", 2)).toEqual(["Gatehouse", "Gate 3 at night"]);
    expect(found("", 3)).toEqual(["Statistics", "Live", "实时"]);
  });

  it("rows by another name, and says by which", () => {
    const rows = best(all, "liv", 8).map(({ one, marked, by }) => [one.text, marked, by]);
    expect(rows).toEqual([
      ["Live", [0, 3], null],
      ["实时", null, "Live"],
    ]);
    expect(best(all, "lobby", 8)).toMatchObject([{ one: { text: "Gatehouse" }, by: "lobby" }]);
  });

  it.each(["<b>", "(", "\\", "%", "\u0000", "\ud800", "nothing at all"])(
    "nothing for %j, without a failure",
    (typed) => {
      expect(found(typed)).toEqual([]);
    },
  );
});
