import { expect, it } from "vitest";
import * as z from "zod";
import { faultInWords } from "../../../packages/core/src/errors/fault-words.ts";
import { explain } from "../../../packages/core/src/lists/parameters.ts";

const job = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("a"), by: z.enum(["hour", "day"]) }),
  z.strictObject({ kind: z.literal("b"), n: z.int().min(1).max(9), names: z.array(z.string().max(3)).max(2) }),
]);

it.each<[unknown, string]>([
  [undefined, "must be given: it is an object"],
  [[], "must be an object"],
  [{}, "kind: must be one of a, b"],
  [{ kind: "a", by: "year" }, "by: must be one of hour, day"],
  [{ kind: "a", by: "day", on: 1, "\ud800": 2 }, 'unknown "on", "\ufffd"'],
  [{ kind: "b", n: 1 }, "names: must be given: it is a list"],
  [{ kind: "b", n: 0, names: [] }, "n: must be 1 at least"],
  [{ kind: "b", n: 10, names: ["abcd"] }, "n: must be 9 at most; names.0: must have 3 characters at most"],
  [{ kind: "b", n: 1.5, names: ["a", "b", "c"] }, "n: must be a whole number; names: must have 2 values at most"],
  [{ kind: "b", n: "1", names: [1] }, "n: must be a number; names.0: must be a text"],
])("for %j it names the accepted values", (sent, words) => {
  const read = job.safeParse(sent, { error: faultInWords });
  expect(read.error && explain(read.error)).toBe(words);
});

it("a missing value is named, also if its type is unknown", () => {
  const schema = z.object({ pattern: z.nonoptional(z.unknown()) });
  const read = schema.safeParse({}, { error: faultInWords });
  expect(read.error && explain(read.error)).toBe("pattern: must be given");
});

it("a schema's own messages stay, and zod's messages are used for other faults", () => {
  const schema = z.strictObject({ word: z.literal("x"), at: z.iso.date(), own: z.string("say who"), when: z.date() });
  const read = schema.safeParse({ word: "y", at: "now", own: 1, when: 1 }, { error: faultInWords });
  expect(read.error && explain(read.error)).toBe(
    "word: must be x; at: must be a day as 2026-10-01; own: say who; when: Invalid input: expected date, received number",
  );
});
