import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  changesIn,
  fileOf,
  linesOf,
  linesUnder,
  placedIn,
  textsIn,
} from "../../../packages/console/src/hours/roster/file.ts";
import { cellsIn, plannedBy, rowsOf, shiftsOf, textOf } from "../../../packages/console/src/hours/roster/table.ts";
import { daysOfTitles } from "../../../packages/console/src/hours/roster/titles.ts";
import { runs } from "../../support/seeded.ts";

const version = (id: string, name: string, validFrom = "2026-01-01") => {
  return { id, name, validFrom, start: "08:00", end: "17:00" };
};
const month = "2026-11";
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

describe("the rows of a roster", () => {
  it("are of the libraries of today, each once, also if closed months have others", () => {
    const row = (library: string, name: string | null = null) => ({ library, id: "7", name, group: null });
    const sheet = [row("~hq", "Ada"), row("gate-1", "Ada"), row("gate-2", "Ada")];
    const others = [row("gate-1"), row("gate-3"), row("~hq")];
    const site = { id: "hq", boxes: ["gate-1", "gate-2"] };
    expect(rowsOf(sheet, others, { ...site, sharesPeople: true })).toEqual([row("~hq", "Ada")]);
    expect(rowsOf(sheet, others, { ...site, sharesPeople: false })).toEqual([
      row("gate-1", "Ada"),
      row("gate-2", "Ada"),
    ]);
  });
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
    const texts = days.map((day, n) => [day, ["Early", "休", ""][n] ?? ""] as const);
    const line = { library: "~hq", id: "00042", texts: new Map(texts) };
    expect(linesOf(file, month)).toEqual({ lines: [line], leftOut: [] });
    expect(file).toContain(`"'=Ada ""A"", x"`);
  });

  it("has any id again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), (text) => {
        // A quote in front is taken for the one that guards a text.
        const id = text.replaceAll(/\p{Cc}/gu, "x").replace(/^'+/, "x");
        expect(
          linesOf(
            fileOf([{ ...rows[0], id } as never], days, () => ""),
            month,
          ),
        ).toMatchObject({ lines: [{ id }] });
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
    const line = { library: "", id: "7", texts: new Map([["2026-11-02", "Early"]]) };
    expect(linesOf(text, month)).toEqual({ lines: [line], leftOut: [] });
  });

  it.each(["", "id", "name,2026-11-02\nA,x", "\u0000\u0001", "id;day\n1;2", "2026-11-02"])(
    "is no roster: %j",
    (text) => {
      expect(linesOf(text, month)).toBe("none");
    },
  );

  it.each([
    ["UTF-8", "efbbbf69642ce5a49c", ["id,夜"]],
    ["UTF-16 of Excel", "fffe690064001c59", ["id夜"].map((text) => text.replace("夜", "夜"))],
    ["UTF-16 with the high byte first", "feff00690064591c", ["id夜"]],
    ["UTF-16 without a mark", "690064001c59", ["id夜"]],
    ["an encoding of a country", "d2b96672fc68", ["夜fr黨", "Ò¹früh"]],
    ["no bytes", "", [""]],
    ["one byte", "69", ["i"]],
  ])("may be in %s", (_, hex, texts) => {
    const bytes = Uint8Array.from(Buffer.from(hex, "hex")).buffer;
    expect(textsIn(bytes).map((text) => text.slice(0, 9))).toEqual(texts);
  });

  it.each([
    ["a quoted title with the other sign", 'id;"a, b";2026-11-02\n7;x;Early'],
    ["the sign in front", "sep=;\r\nid;2026-11-02\r\n7;Early"],
    ["an empty line", "id;02.11.2026\n7;Early\n;\n;;\n"],
    ["numbers of days", "id,1,2\n7,,Early"],
    ["a mark and quotes", '\ufeff"ID"\t"02.11.2026"\n"7"\t"Early"\n'],
  ])("may have %s", (_, text) => {
    expect(linesOf(text, month)).toMatchObject({
      lines: [{ id: "7", texts: expect.toSatisfy((all) => all.get("2026-11-02") === "Early") }],
    });
  });

  it.each([
    ["that the month does not have", "id,Name,02.11.2026,31.11.2026,\n7,Ada,E,E,", ["31.11.2026"]],
    ["that is a number without a day", "id,1,2,31\n7,E,E,E", ["31"]],
    ["of another month", "id;2026-10-31;2026-11-01\n7;E;E", ["2026-10-31"]],
    ["that is a number beside dates", "id;1;2026-11-02;Sum\n7;E;E;2", ["1"]],
  ])("names a column %s", (_, text, leftOut) => {
    const read = linesOf(text, month);
    if (typeof read === "string") throw new Error(read);
    const site = { id: "hq", sharesPeople: false, boxes: ["gate-1"] } as never;
    expect(changesIn(placedIn(read, { rows, site }), { days, shifts })).toMatchObject({ leftOut, faults: [] });
  });

  it("may have two lines of a person that do not contradict each other", () => {
    const line = (...texts: string[]) => ({
      row: rows[0] ?? null,
      id: "42",
      texts: new Map(texts.map((text, n) => [days[n] ?? "", text])),
    });
    const read = (...lines: ReturnType<typeof line>[]) => changesIn({ lines, leftOut: [] }, { days, shifts });
    const halves = read(line("Early", "", ""), line("", "休", ""), line("e", "free", ""));
    expect(halves.wanted.map(({ planned }) => planned)).toEqual(["sch_e", null, undefined]);
    expect([halves.doubled, halves.faults]).toEqual([[], []]);
    expect(read(line("Early"), line("Late")).doubled).toEqual(["42"]);
    expect(read(line("Early"), line("zzz")).doubled).toEqual(["42"]);
  });

  it("is of the person whose id a spreadsheet has shortened", () => {
    const site = { id: "hq", sharesPeople: false, boxes: ["gate-1", "gate-2"] } as never;
    const row = (id: string, library = "gate-1") => ({ id, library, name: null, group: null });
    const all = [row("00042"), row("7"), row("007"), row("05"), row("05", "gate-2"), row("123456789012345678")];
    const found = (...ids: string[]) =>
      placedIn(
        { lines: ids.map((id) => ({ library: "", id, texts: new Map() })), leftOut: [] },
        { rows: all, site },
      ).lines.map((one) => one.row && `${one.row.library} ${one.row.id}`);
    expect(found("42", "7", "007", "5", "1.23457E+17", "1,2E+17")).toEqual([
      "gate-1 00042",
      "gate-1 7",
      "gate-1 007",
      null,
      null,
      null,
    ]);
    expect(found("42", "00042")).toEqual([null, "gate-1 00042"]);
  });
});

describe("the titles of days", () => {
  const whole = (title: (day: number) => string, count = 30) => Array.from({ length: count }, (_, n) => title(n + 1));
  const two = (n: number) => String(n).padStart(2, "0");
  const all = whole((day) => `2026-11-${two(day)}`);

  it.each<[string, (day: number) => string]>([
    ["2026-11-02", (day) => `2026-11-${two(day)}`],
    ["02.11.2026", (day) => `${two(day)}.11.2026`],
    ["2.11.26", (day) => `${day}.11.26`],
    ["11/2/2026", (day) => `11/${day}/2026`],
    ["11/2/26", (day) => `11/${day}/26`],
    ["02/11/2026", (day) => `${two(day)}/11/2026`],
    ["2/11/26", (day) => `${day}/11/26`],
    ["2026/11/2", (day) => `2026/11/${day}`],
    ["26/11/2", (day) => `26/11/${day}`],
    ["26-11-02", (day) => `26-11-${two(day)}`],
    ["2-11-2026", (day) => `${day}-11-2026`],
    ["2026年11月2日", (day) => `2026年11月${day}日`],
    ["11月2日", (day) => `11月${day}日`],
    ["11/2", (day) => `11/${day}`],
    ["2.11.", (day) => `${day}.11.`],
    ["2-Nov", (day) => `${day}-Nov`],
    ["02 Nov", (day) => `${two(day)} Nov`],
    ["Mon, 2 November", (day) => `Mon, ${day} November`],
    ["NOV 2", (day) => `NOV ${day}`],
    ["2-Nov-26", (day) => `${day}-Nov-26`],
    ["November 2, 2026", (day) => `November ${day}, 2026`],
    ["2026-Nov-02", (day) => `2026-Nov-${two(day)}`],
    ["2. Nov. 2026 0:00", (day) => `${day}. Nov. 2026 0:00`],
    ["2026/11/2 0:00", (day) => `2026/11/${day} 0:00`],
    ["2026-11-02T00:00:00", (day) => `2026-11-${two(day)}T00:00:00`],
    ["11/2/2026 12:00:00 AM", (day) => `11/${day}/2026 12:00:00 AM`],
    ["Mo 02.11.2026", (day) => `Mo 02.11.2026`.replace("02", two(day))],
    ["2026-11-02 (周一)", (day) => `2026-11-${two(day)} (周一)`],
    ["２０２６／１１／２", (day) => `２０２６／１１／${day}`],
  ])("may be as %s, all and a few of them", (_, title) => {
    expect([...(daysOfTitles(whole(title), month) as Map<number, string>).values()]).toEqual(all);
    expect(daysOfTitles(["id", "name", title(2), "Sum", title(11)], month)).toEqual(
      new Map([
        [2, "2026-11-02"],
        [4, "2026-11-11"],
      ]),
    );
  });

  it.each<[string, string[], unknown]>([
    ["of February as in America", whole((day) => `2/${day}/2026`, 28), "other-month"],
    ["of a few days that are of two months in each order", ["2/1/2026", "2/11/2026"], "unclear"],
    ["of another month in each order", ["1/2/2026", "2/3/2026"], "other-month"],
    ["in two orders", ["13/11/2026", "11/14/2026"], "unclear"],
    ["of another year", ["02.11.2025"], "other-month"],
    ["of another month", ["2026-12-01"], "other-month"],
    ["of another month by its name", ["2-Dec"], "other-month"],
    ["of another year by its name", ["2 Nov 2025"], "other-month"],
    [
      "with the name of a month that are no days",
      ["31-Nov", "Nov", "2 Novel", "2 Nov 10:30", "1-2 Nov", "Nov Nov 2", "2 Nov 026", "Nov 2026"],
      "none",
    ],
    [
      "of which only one has the name of a month",
      ["3/11/2026", "2-Nov"],
      new Map([
        [0, "2026-11-03"],
        [1, "2026-11-02"],
      ]),
    ],
    ["that are the same day as those of a month with two digits", ["Nov-26", "26.11."], "twice"],
    ["twice", ["2026-11-02", "02.11.2026"], "twice"],
    [
      "that are none",
      ["2026-11-31", "31.11.2026", "1.2.3.4", "10.30 h 20", "2026-11", "11/2026", "1/2/3/2026"],
      "none",
    ],
    ["and other months", ["30.10.2026", "1.11.2026"], new Map([[1, "2026-11-01"]])],
    ["that are the same in both orders", ["11/11/2026"], new Map([[0, "2026-11-11"]])],
    ["that are of the month in one order", ["2/11/2026"], new Map([[0, "2026-11-02"]])],
    ["without numbers", ["id", "__proto__", ""], "none"],
  ])("%s", (_, titles, days) => {
    expect(daysOfTitles(titles, month)).toEqual(days);
  });

  it("are read alike in each month and order, or refused", () => {
    const orders = [
      (y: number, m: number, d: number) => `${d}.${m}.${y}`,
      (y: number, m: number, d: number) => `${d}/${m}/${y % 100}`,
      (y: number, m: number, d: number) => `${m}/${d}/${y}`,
      (y: number, m: number, d: number) => `${y}/${m}/${d}`,
    ];
    fc.assert(
      fc.property(
        fc.integer({ min: 2020, max: 2049 }),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(...orders),
        fc.uniqueArray(fc.integer({ min: 1, max: 28 }), { minLength: 1, maxLength: 28 }),
        (y, m, title, days) => {
          const found = daysOfTitles(
            days.map((day) => title(y, m, day)),
            `${y}-${two(m)}`,
          );
          expect(found).toEqual(new Map(days.map((day, at) => [at, `${y}-${two(m)}-${two(day)}`])));
        },
      ),
      runs(300),
    );
  });
});

describe("a pasted table", () => {
  const rows = ["1", "2"].map((id) => ({ library: "gate-1", id, name: null, group: null }));
  const days = ["2026-11-02", "2026-11-03"];
  const under = (text: string) => linesUnder(text, { month, rows, shifts });

  it("has the days of its first line, for the rows from the selected one on", () => {
    const table = under("03.11.2026\t02.11.2026\t01.12.2026\nEarly\tzzz\n\toff\nLate\tLate\n");
    if (typeof table === "string") throw new Error(table);
    expect(changesIn(table, { days, shifts })).toEqual({
      wanted: [
        { row: rows[0], day: "2026-11-03", planned: "sch_e" },
        { row: rows[1], day: "2026-11-02", planned: null },
        { row: rows[1], day: "2026-11-03", planned: undefined },
      ],
      strange: [],
      doubled: [],
      faults: ["zzz"],
      leftOut: ["01.12.2026"],
    });
  });

  it.each([
    ["Early\t02.11.2026\nE\tE", "none"],
    ["Early\tLate", "none"],
    ["", "none"],
    ["Name\t02.11.2026\nAda\tE", "no-id"],
    ["Room 5\t02.11.2026\nAda\tE", "no-id"],
    ["2/11", "none"],
    ["01.12.2026\nE", "other-month"],
    ["2/1/2026\t2/11/2026\nE\tE", "unclear"],
  ])("%j is %s", (text, fault) => {
    expect(under(text)).toBe(fault);
  });
});
