import { expect, it } from "vitest";
import { enFaults } from "../../../packages/console/src/words/en-faults.ts";
import { entryOf } from "../../../packages/console/src/words/index.ts";

it.each(["constructor", "toString", "__proto__", "hasOwnProperty"])(
  "has no words for %s, which every object inherits",
  (name) => {
    expect(entryOf(enFaults.flags, name)).toBeUndefined();
    expect(entryOf(enFaults.flags, "clock")).toBe(enFaults.flags["clock"]);
  },
);
