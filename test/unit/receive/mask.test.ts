import { newToken } from "@gatepost/core/keys";
import type { Json } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyFormsIn, keyFormsOf } from "../../../packages/core/src/masking/key-forms.ts";
import { maskBytes, masked } from "../../../packages/core/src/masking/mask.ts";
import { maskValue } from "../../../packages/core/src/masking/mask-value.ts";
import { runs } from "../../support/seeded.ts";
import { turnsOf } from "../../support/turns.ts";

const random = "a1-B_".repeat(6).slice(0, 27);
const key = `gpi_${random}`;
const stars = "*".repeat(31);

/** Ways to write one character, as senders and their libraries do. */
const ways = {
  plain: (char: string) => char,
  "percent-encoded": (char: string) => `%${hex(char)}`,
  "percent-encoded in capitals": (char: string) => `%${hex(char).toUpperCase()}`,
  "escaped as in JSON": (char: string) => `\\u00${hex(char)}`,
  "escaped as in JSON within JSON": (char: string) => `\\\\u00${hex(char)}`,
  "escaped as in Python": (char: string) => `\\x${hex(char)}`,
  "escaped as a long character of Python": (char: string) => `\\U000000${hex(char)}`,
  "escaped as in JavaScript": (char: string) => `\\u{${hex(char)}}`,
  "escaped as in JavaScript with zeros": (char: string) => `\\u{0000${hex(char)}}`,
  "percent-encoded twice": (char: string) => `%25${hex(char)}`,
  "percent-encoded four times": (char: string) => `%252525${hex(char)}`,
  "an entity of HTML": (char: string) => `&#${char.charCodeAt(0)};`,
  "an entity of HTML in hexadecimal": (char: string) => `&#x0${hex(char)};`,
  "an entity of HTML, escaped once more": (char: string) => `&amp;#${char.charCodeAt(0)};`,
  "of full width": wide,
  "of full width and percent-encoded": (char: string) => encodeURIComponent(wide(char)),
  "of full width and escaped as in JSON": (char: string) => `\\u${wide(char).charCodeAt(0).toString(16)}`,
  "of full width and an entity of HTML": (char: string) => `&#${wide(char).charCodeAt(0)};`,
};

/** Invisible characters between two characters of a key, and ways to write them. */
const between = {
  "a soft hyphen": "\u00ad",
  "a space without width": "\u200b",
  "a byte order mark": "\ufeff",
  "several of them": "\u200c\u200d\u2060\u00ad",
  "a line break": "\n",
  "a line break of Windows": "\r\n",
  "a line break in JSON": "\\n",
  "a line break of Windows in JSON within JSON": "\\\\r\\\\n",
  "a line that goes on": "\\\n",
  "a percent-encoded line break": "%0D%0A",
  "a percent-encoded soft hyphen": "%C2%AD",
  "a percent-encoded space without width": "%E2%80%8B",
  "a soft hyphen of HTML": "&shy;",
  "a space without width of HTML": "&#8203;",
  "an escaped space without width": "\\u200b",
};
function wide(char: string): string {
  return String.fromCharCode(char.charCodeAt(0) + 0xfee0);
}
async function allOf<One>(lists: AsyncIterable<One[]>): Promise<One[]> {
  const all: One[] = [];
  for await (const list of lists) all.push(...list);
  return all;
}
const hex = (char: string) => char.charCodeAt(0).toString(16).padStart(2, "0");
const written = (way: (char: string) => string, text = key) => [...text].map(way).join("");

describe("a text", () => {
  it("has every key in it masked, and nothing else changed", () => {
    const [one, other] = [newToken("ingest"), newToken("admin")];
    expect(masked(`/${one}/HistoryEvent?token=${other}&x=1`)).toBe(`/${stars}/HistoryEvent?token=${stars}&x=1`);
  });

  it.each(["/HistoryEvent", "identity_id and a_b and device_type", `gpi_${random.slice(8)}`, "", "100% \\ sure"])(
    "without a key stays as it is: %j",
    (text) => expect(masked(text)).toBe(text),
  );

  it("has keys masked that are longer, or contain the beginning of another one", () => {
    expect(masked(`gpi_short ${key}${"x".repeat(9)} gpr_ gpi_${key}`)).toBe(
      `gpi_short ${"*".repeat(40)} gpr_ ${"*".repeat(35)}`,
    );
  });

  it.each(Object.entries(ways))("has a key masked that is %s, wholly or in one character", async (_, way) => {
    expect(masked(`<${written(way)}>`)).toBe(`<${stars}>`);
    for (const at of key.split("").keys()) {
      const text = key.slice(0, at) + way(key.charAt(at)) + key.slice(at + 1);
      expect(masked(`/${text}/x`)).toBe(`/${stars}/x`);
      const bytes = Buffer.from(`/${text}/x`);
      expect((await maskBytes(bytes)).bytes.toString()).toBe(`/${stars}/x`);
    }
  });

  it.each(Object.entries(between))(
    "has a key masked with %s between any two characters, also as bytes",
    async (_, one) => {
      for (const at of [1, 2, 3, 4, 5, 15, 30]) {
        const text = `<${key.slice(0, at)}${one}${key.slice(at)}>`;
        expect(masked(text)).toBe(`<${stars}>`);
        expect((await maskBytes(Buffer.from(text))).bytes.toString()).toBe(`<${stars}>`);
      }
    },
  );

  it("has a key of HTML's names masked", () => {
    expect(masked(`gpi&lowbar;${random.replaceAll("_", "&lowbar;")}`)).toBe(stars);
    expect(masked(`gpi_${random.slice(0, 9)}&bogus;${random}`)).toContain("&bogus;");
  });

  it("ends a whole key at a line break, so that the next line stays", () => {
    expect(masked(`${key}\nnext_line\n`)).toBe(`${stars}\nnext_line\n`);
    expect(masked(`${key}\u200b`)).toBe(`${stars}\u200b`);
  });

  it.each(["", " and more"])("has a key masked that is longer than one turn%s", (rest) => {
    const long = "x".repeat(600_000);
    expect(masked(`${key}${long}${rest}`)).toBe(`${"*".repeat(key.length + long.length)}${rest}`);
  });

  it("has nothing masked that only looks escaped", () => {
    for (const text of [
      `g%70i%5${random}-----------`,
      `gpiu005f${random}`,
      `gpix5f${random}`,
      `gpx69_${random}`,
      `gpu0069_${random}`,
      `gp069_${random}`,
      `g\\u0170i_${random}`,
      `%5f${random}`,
      `i_${random}`,
      `pi%5f${random}`,
      `gp\\u006_${random}`,
      `gpi_${random.slice(0, 19)}%zz${random}`,
      `gpi_${random.slice(0, 19)}\\u01`,
      `gpi_${random.slice(0, 19)}\\t${random}`,
      `gpi_${random.slice(0, 19)}${"\u200b".repeat(9)}${random}`,
      `gpi_${random.slice(0, 19)}&#${random}`,
      `gpi_${random.slice(0, 19)}&#1234567;${random}`,
      `gpi_${random.slice(0, 19)}\\u{110000}${random}`,
      `gpi_${random.slice(0, 19)}\\ud83d${random}`,
      `gpi_${random.slice(0, 19)}%C3%A9${random}`,
      `gpi_${random.slice(0, 19)}%F0%9F%98%80${random}`,
      `gpi_${random.slice(0, 19)}%E2%80${random}`,
      `gpi_${random.slice(0, 19)}\u00e9${random}`,
      `gpi_${random.slice(0, 19)}小${random}`,
    ]) {
      expect(masked(text)).toBe(text);
    }
  });

  it("has the shortest possible key masked", () => {
    const short = `gpr_${random.slice(0, 20)}`;
    expect(masked(`/${short}/x`)).toBe(`/${"*".repeat(24)}/x`);
    expect(masked(`/${short.slice(1)}/x ${short.slice(0, -1)}`)).toBe(`/${short.slice(1)}/x ${short.slice(0, -1)}`);
  });

  it("is masked as a regular expression would mask it, for any characters around a key", async () => {
    const pieces = ["gpi_", "gpr_", "gpa_", "gpe_", "gp", "_", "-", " ", "ÿ", "{", random, random.slice(0, 19), "a"];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), async (chosen) => {
        const text = chosen.join("");
        const expected = text.replaceAll(/gp[iraoe]_[\w-]{20,}/g, (found) => "*".repeat(found.length));
        expect(masked(text)).toBe(expected);
        expect((await maskBytes(Buffer.from(text, "latin1"))).bytes.toString("latin1")).toBe(expected);
      }),
      runs(300),
    );
  });

  it("has the same text whether it is masked before or after decoding", () => {
    const chars = fc.constantFrom(...[..."gpirae_-x", "/", '"', "é"]);
    const text = fc.array(fc.oneof(fc.constant(key), chars), { maxLength: 6 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.boolean()), (sent, dice) => {
        const escaped = [...sent]
          .map((char) => (dice.next().value ? `%${Buffer.from(char).toString("hex").match(/../g)?.join("%")}` : char))
          .join("");
        expect(decodeURIComponent(masked(escaped))).toBe(masked(sent));
      }),
    );
  });

  it("is read only once if it has many megabytes, for any content", () => {
    const gaps = Object.values(between);
    for (const piece of ["gpi_", "\\", "%67", "_", "\\u0067", "%25", "&amp;", "&#", "g\u200b", "g\n", ...gaps]) {
      expect(keyFormsIn(piece.repeat(100_000)).length).toBeLessThan(2);
    }
    expect(masked(`${key}${"x".repeat(2_000_000)}`)).toBe("*".repeat(2_000_031));
  });
});

describe("a key form longer than a turn", () => {
  const turn = 256 * 1024;
  /** One character of a key in any of its written forms. */
  const oneOf = (chars: string) => {
    const codes = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-"]
      .filter((char) => new RegExp(`[${chars}]`).test(char))
      .map((char) => hex(char).replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`));
    return `(?:[${chars}]|(?:%|\\\\+(?:u00|x))(?:${codes.join("|")}))`;
  };
  const form = new RegExp(`${["g", "p", "ira", "_"].map(oneOf).join("")}${oneOf("\\w-")}{20,}`, "g");
  const unescaped = /(?:%|\\+(?:u00|x))[0-9a-f]{2}/gi;

  it("is masked as by a regular expression, for any turns and any spelling", async () => {
    const units = [
      "gpi_",
      "%67%70",
      "\\u0067\\x70i_",
      "\\\\u005f",
      "a-_9",
      "%zz",
      " ",
      random,
      "gp",
      "\\",
      "%5f".repeat(30),
    ];
    const chosenUnits = fc.array(fc.constantFrom(...units), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(chosenUnits, fc.nat(400), fc.constantFrom(" ", "z"), async (chosen, before, filler) => {
        const text = `${filler.repeat(turn - before)}${chosen.join("")}${filler.repeat(1000)}`;
        const expected = text.replaceAll(form, (found) => "*".repeat(found.replaceAll(unescaped, "x").length));
        expect(masked(text) === expected).toBe(true);
        expect((await maskValue(text)).value === expected).toBe(true);
        expect((await maskBytes(Buffer.from(text))).bytes.toString() === expected).toBe(true);
      }),
      runs(200),
    );
  });

  it.each([
    ["escapes", "gpi_%67%70"],
    ["escapes of JSON", "\\u0067\\u0070i_%67%70"],
    ["letters", "gpi_"],
  ])("is read a turn at a time as text, name and bytes: %s", async (_, unit) => {
    const text = unit.repeat((4 * turn) / unit.length);
    const length = text.replaceAll(unescaped, "x").length;
    // The last turn may be over before another one is counted.
    const least = Math.floor(text.length / turn) - 1;
    const [forms, turns] = await turnsOf(allOf(keyFormsOf(text)));
    expect(forms.map((form) => [form.from, form.to, form.key.length, form.length])).toEqual([
      [0, text.length, 132, length],
    ]);
    expect(turns).toBeGreaterThanOrEqual(least);
    for (const holding of [(one: string) => ({ n: one }), (one: string) => ({ [one]: 1 })]) {
      const [{ value }, turnsOfValue] = await turnsOf(maskValue(holding(text)));
      expect(JSON.stringify(value) === JSON.stringify(holding("*".repeat(length)))).toBe(true);
      expect(turnsOfValue).toBeGreaterThanOrEqual(least);
    }
  });
});

describe("a body of megabytes", () => {
  const around = "/".repeat(600_000);
  const manyKeys = `${key} `.repeat(20_000);
  const isMasked = (length: number) => `${stars} `.repeat(length / 32);

  it.each([
    ["of keys", manyKeys, isMasked(manyKeys.length)],
    ["of short ones", "gpi_x ".repeat(100_000), "gpi_x ".repeat(100_000)],
    ["with a key at its end", `${around}${key}`, `${around}${stars}`],
    ["that is one key", `${around}gpi_${"x".repeat(1_000_000)}`, `${around}${"*".repeat(1_000_004)}`],
    [
      "in which everything is escaped",
      `${around}${written(ways["percent-encoded"]).repeat(10_000)}`,
      `${around}${stars.repeat(10_000)}`,
    ],
  ])("%s is masked while others have their turns", async (_, text, expected) => {
    const [{ bytes }, turns] = await turnsOf(maskBytes(Buffer.from(text)));
    expect(bytes.toString() === expected).toBe(true);
    expect(turns).toBeGreaterThan(1);
    const [{ value }, others] = await turnsOf(maskValue({ a: text }));
    expect(JSON.stringify(value) === JSON.stringify({ a: expected })).toBe(true);
    expect(others).toBeGreaterThan(1);
  });

  it("is masked while others have their turns, even if it is many small texts", async () => {
    const [{ count }, turns] = await turnsOf(maskValue(Array.from({ length: 30_000 }, () => `a${key}`)));
    expect(count).toBe(30_000);
    expect(turns).toBeGreaterThan(1);
  });

  it("has a key found wherever a turn ends in it", () => {
    const escaped = written(ways["escaped as in JSON within JSON"]);
    for (const one of [key, escaped]) {
      for (let before = 0; before <= one.length; before++) {
        const text = `${" ".repeat(256 * 1024 - before)}${one} ${"-".repeat(300_000)}`;
        expect(keyFormsIn(text)).toEqual([
          { from: 256 * 1024 - before, to: 256 * 1024 - before + one.length, key, length: key.length },
        ]);
      }
    }
  });
});

describe("bytes", () => {
  it.each([
    ["in the middle of a word", "z".repeat(256 * 1024 - 1)],
    ["behind characters of two bytes", "é".repeat(128 * 1024)],
    ["behind blanks", " ".repeat(256 * 1024 - 9)],
  ])("have a key masked that crosses the end of a turn and begins %s", async (_, before) => {
    const bytes = Buffer.from(`${before}${key} ${"z".repeat(300_000)}`);
    const masked = Buffer.from(`${before}${stars} ${"z".repeat(300_000)}`);
    expect((await maskBytes(bytes)).bytes.equals(masked)).toBe(true);
  });

  it.each([
    ["line breaks", "\r\n"],
    ["escapes", "\\u0041"],
    ["percent signs", "%41"],
    ["backslashes behind a word", `${"z".repeat(256 * 1024 - 100)}${"\\".repeat(50)}`],
  ])("are decoded one turn at a time without a key: letters and %s", async (_, unit) => {
    const bytes = Buffer.from(`${unit}${"z".repeat(600_000)}`);
    const lengths: number[] = [];
    bytes.toString = (...parameters) => {
      const text = Buffer.prototype.toString.apply(bytes, parameters);
      lengths.push(text.length);
      return text;
    };
    expect(await maskBytes(bytes)).toMatchObject({ count: 0 });
    expect(Math.max(...lengths)).toBe(256 * 1024);
  });

  it("leave a picture unchanged that begins in an earlier turn", async () => {
    const bytes = Buffer.from(`"_9j_${"A".repeat(600_000)}${key}"`);
    expect(await maskBytes(bytes)).toMatchObject({ count: 0 });
  });

  it("are not changed themselves", async () => {
    const sent = Buffer.from(key);
    expect(await maskBytes(sent)).toMatchObject({ count: 1 });
    expect(sent.toString()).toBe(key);
  });

  it("leave pictures and spared keys in them unchanged", async () => {
    const picture = `_9j_4AAQ${key}`;
    const bytes = Buffer.from(`{"a":"${picture}","b":"${key}","c":"iVBORw0KGgo${key}"}`);
    expect((await maskBytes(bytes)).bytes.toString()).toBe(`{"a":"${picture}","b":"${stars}","c":"iVBORw0KGgo${key}"}`);
    expect(await maskBytes(Buffer.from(key), new Set([key]))).toMatchObject({ count: 0, bytes: Buffer.from(key) });
  });
});

describe("a value", () => {
  it("has its texts and the names of its members masked, in their order, however deep", async () => {
    const value: Json = { a: key, [`x ${key}`]: [1, null, [`b ${key}`, true]], c: { d: { e: "f" } } };
    const { value: kept, count, spared } = await maskValue(value);
    expect(JSON.stringify(kept)).toBe(`{"a":"${stars}","x ${stars}":[1,null,["b ${stars}",true]],"c":{"d":{"e":"f"}}}`);
    expect([count, spared.size]).toEqual([3, 0]);
    expect((await maskValue(key)).value).toBe(stars);
    expect((await maskValue(7)).value).toBe(7);
  });

  it("keeps a member that is called __proto__", async () => {
    const value = JSON.parse(`{"__proto__":"${key}","${key}":1}`);
    expect(JSON.stringify((await maskValue(value)).value)).toBe(`{"__proto__":"${stars}","${stars}":1}`);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it("has a long text masked by its escapes unless it begins like a picture", async () => {
    const long = "A".repeat(5000);
    const texts = [`/9j/${long}%`, `${long} ${written(ways["percent-encoded"])}`];
    expect((await maskValue(texts)).value).toEqual([texts[0], `${long} ${stars}`]);
  });

  it("may be a thousand levels deep", async () => {
    const value = JSON.parse(`${"[".repeat(1000)}"${key}"${"]".repeat(1000)}`);
    expect(JSON.stringify((await maskValue(value)).value)).toContain(stars);
  });

  it.each([
    `/9j/${key}`,
    `_9j_4AAQ${key}AAA=`,
    `iVBORw0KGgo${key}`,
    `data:image/jpeg;base64,_9j_${key}`,
    `_9j_${"A".repeat(5000)}${key}`,
    `_9j_${"A".repeat(300_000)}${key}`,
    ` _9j_\r\n${key}\r\nAA==`,
  ])("leaves a picture in it unchanged: %j", async (picture) => {
    const { value, spared } = await maskValue({ face: picture });
    expect(value).toEqual({ face: picture });
    expect([...spared][0]).toContain(key);
  });

  it.each([`/9j/.${key}`, `data:image/jpeg;base64,${key}`, `x_9j_${key}`, `http://a/9j/${key}`])(
    "has everything except pictures masked: %j",
    async (text) => expect((await maskValue({ face: text })).value).toEqual({ face: text.replace(key, stars) }),
  );
});
