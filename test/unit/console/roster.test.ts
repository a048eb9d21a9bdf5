import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cellsIn,
  decoded,
  fileOf,
  linesOf,
  plannedBy,
  shiftsOf,
  textOf,
} from "../../../packages/console/src/hours/roster/table.ts";
import { runs } from "../../support/seeded.ts";

const version = (id: string, name: string, validFrom = "2026-01-01") => {
  return { id, name, validFrom, start: "08:00", end: "17:00" };
};
const november = { from: "2026-11-01", to: "2026-11-30" };
const shifts = shiftsOf(
  [
    version("sch_e", "Early"),
    version("sch_n", "夜班"),
    version("sch_l", "Late"),
    version("sch_n", "Nights", "2026-12-01"),
  ],
  november,
);

describe("the schedules of a month", () => {
  it("have the shortest codes by which their names differ", () => {
    expect(shifts.map(({ id, code }) => [id, code])).toEqual([
      ["sch_e", "E"],
      ["sch_l", "L"],
      ["sch_n", "夜"],
    ]);
    const alike = ["Early", "Early 2", "Eve", "早二", "早班"].map((name, n) => version(`sch_${n}`, name));
    expect(shiftsOf(alike, november).map(({ code }) => code)).toEqual(["1", "2", "EV", "早二", "早班"]);
  });

  it("have codes of their own, none of which means a free day", () => {
    const names = ["Same", "Same", "1st", "休息班", "休息", "off"].map((name, n) => version(`sch_${n}`, name));
    const all = shiftsOf(names, november);
    const codes = all.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { id, code } of all) expect(plannedBy(code, all)).toEqual({ planned: id });
  });

  it("are written so that they are read again, also if names are alike or mean a free day", () => {
    const names = ["Same", "same ", "free", "Late", "sch_0"].map((name, n) => version(`sch_${n}`, name));
    const all = shiftsOf(names, november);
    for (const planned of [...names.map(({ id }) => id), null, undefined]) {
      expect(plannedBy(textOf(planned, all, "free"), all)).toEqual({ planned });
    }
    expect([textOf("sch_3", all, "free"), textOf("sch_1", all, "free")]).toEqual(["Late", "sch_1"]);
    expect(plannedBy("Same", all)).toBeNull();
  });

  it("leave out what begins later, and have their first day", () => {
    const later = [version("sch_a", "A", "2026-12-01"), version("sch_b", "B", "2026-11-20")];
    expect(shiftsOf(later, november)).toMatchObject([{ id: "sch_b", first: "2026-11-20" }]);
  });
});

it.each([
  ["Early", "sch_e"],
  [" early ", "sch_e"],
  ["SCH_L", "sch_l"],
  ["夜", "sch_n"],
  ["Ｌ", "sch_l"],
  ["-", null],
  ["OFF", null],
  ["休", null],
  ["", undefined],
  ["\u00a0", undefined],
])("the text %j plans %j", (text, planned) => {
  expect(plannedBy(text, shifts)).toEqual({ planned });
});

it.each(["x", "__proto__", "sch_gone", "=1+1"])("the text %j is not understood", (text) => {
  expect(plannedBy(text, shifts)).toBeNull();
});

describe("copied cells", () => {
  it.each([
    [
      "a\tb\r\nc\td\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["a", [["a"]]],
    ["", []],
    [
      "\ta\n\t\n",
      [
        ["", "a"],
        ["", ""],
      ],
    ],
    ['"a\tb"\t"say ""hi"""\n"two\nlines"', [["a\tb", 'say "hi"'], ["two\nlines"]]],
    ['5" disk\t"open', [['5" disk', '"open']]],
  ])("%j are read", (text, cells) => {
    expect(cellsIn(text)).toEqual(cells);
  });
});

describe("a file", () => {
  const rows = [{ library: "~hq", id: "00042", name: '=Ada "A", x', group: null }];
  const days = ["2026-11-01", "2026-11-02", "2026-11-03"];

  it("is read as it was saved", () => {
    const plan = { "2026-11-01": "sch_e", "2026-11-02": null } as Record<string, string | null>;
    const file = fileOf(rows, days, (_, day) => textOf(plan[day], shifts, "休"));
    expect(linesOf(file)).toEqual([
      {
        library: "~hq",
        id: "00042",
        texts: new Map([
          ["2026-11-01", "Early"],
          ["2026-11-02", "休"],
          ["2026-11-03", ""],
        ]),
      },
    ]);
    expect(file).toContain(`"'=Ada ""A"", x"`);
  });

  it("has any id again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (text) => {
        // A quote in front is taken for the one that guards a text.
        const id = text.replaceAll(/\p{Cc}/gu, "x").replace(/^'+/, "x");
        const [line] = linesOf(fileOf([{ ...rows[0], id } as never], days, () => "")) ?? [];
        expect(line?.id).toBe(id);
      }),
      runs(200),
    );
  });

  it.each([";", "\t", ","])("may have %j between its cells, and lines of people in any order", (by) => {
    const text = [
      ["name", "2026-11-02", "ID"],
      ["Ada", "Early", "7"],
    ]
      .map((line) => line.join(by))
      .join("\r\n");
    expect(linesOf(text)).toEqual([{ library: "", id: "7", texts: new Map([["2026-11-02", "Early"]]) }]);
  });

  it.each(["", "id", "name,2026-11-02\nA,x", "\u0000\u0001", "id;day\n1;2", "2026-11-02"])(
    "is no roster: %j",
    (text) => {
      expect(linesOf(text)).toBeNull();
    },
  );

  it("is read in UTF-8, or as Chinese spreadsheets save it", () => {
    expect(decoded(new TextEncoder().encode("id,夜班").buffer)).toBe("id,夜班");
    expect(decoded(Uint8Array.from([0xd2, 0xb9, 0xb0, 0xe0]).buffer)).toBe("夜班");
  });
});
