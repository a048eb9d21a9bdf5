import { describe, expect, it } from "vitest";
import * as z from "zod";
import { textOf } from "./sources.ts";
import { type Sentence, sentences, sentencesIn } from "./words.ts";

/** Words that readers stumble over: where they are counted, what to write instead, and how many may be left. */
const patterns = z
  .array(
    z.strictObject({
      name: z.string(),
      in: z.array(z.enum(["comment", "title", "message"])),
      pattern: z.string(),
      write: z.string(),
      /** It may only fall. */
      budget: z.int(),
    }),
  )
  .parse(JSON.parse(textOf("test/unit/house/house-words.json")));

const all = sentences();

describe("the sentences of the sources stay within the budget of", () => {
  it.each(patterns)("$name", ({ in: kinds, pattern, write, budget }) => {
    const expression = new RegExp(pattern, "g");
    const places = all.filter(({ kind }) => kinds.includes(kind)).flatMap((sentence) => placesOf(sentence, expression));
    const surplus = places.length - budget;
    expect(surplus, `${surplus} more than ${budget}; write ${write}:\n${places.slice(0, 50).join("\n")}`).toBeLessThan(
      1,
    );
  });
});

function placesOf({ file, line, text }: Sentence, expression: RegExp): string[] {
  return [...text.matchAll(expression)].map(() => `${file}:${line} ${text}`);
}

describe("the reader of sentences", () => {
  const kindsIn = (source: string, file = "packages/a/src/a.ts") =>
    sentencesIn(file, source).map(({ kind, text, line }) => [kind, text, line]);

  it("joins the lines of a comment", () => {
    expect(kindsIn("/** One\n * two. */\n// Three\n// four.\n")).toEqual([
      ["comment", "One two.", 1],
      ["comment", "Three four.", 3],
    ]);
  });

  it("reads messages of four words or more", () => {
    expect(kindsIn('log("a b c d");\nlog("a b");')).toEqual([["message", "a b c d", 1]]);
  });

  it("reads words of the console, also of two words, without placeholders", () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a source
    const source = 'a = "Nobody yet"; b = "Where"; c = `Seen: ${where}, {when}`;';
    expect(kindsIn(source, "packages/console/src/words/en.ts").map(([, text]) => text)).toEqual([
      "Nobody yet",
      "Seen: {}, {}",
    ]);
  });

  it("finds no comment in a text", () => {
    expect(kindsIn('const url = "http://a.example/*";')).toEqual([]);
  });

  it("reads the titles of tests, also behind a table", () => {
    const source = 'it("is one", f);\ndescribe.each([[1, "x(y"]])("is %s", f);\nit.skipIf(a())(`is b`, f);';
    expect(kindsIn(source, "test/a.test.ts").map(([kind, text]) => [kind, text])).toEqual([
      ["title", "is one"],
      ["title", "is %s"],
      ["title", "is b"],
    ]);
  });
});
