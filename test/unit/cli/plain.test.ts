import { expect, it } from "vitest";
import { displayName } from "../../../packages/api/src/names.ts";
import { table } from "../../../packages/cli/src/output.ts";
import { plain } from "../../../packages/cli/src/plain.ts";

it.each(["👩🏽\u200d💻", "❤️\u200d🔥 Ann", "گوشی\u200cهای من", "क्\u200dष", "张伟"])(
  "a name is shown as it is: %j",
  (name) => {
    expect(displayName.parse(name)).toBe(name.normalize());
    expect(plain(name)).toBe(name);
  },
);

it.each([
  ["\u200dAnn", "\ufffdAnn"],
  ["Ann \u200c", "Ann \ufffd"],
  ["Ann\u200d\u200dBo", "Ann\u200d\ufffdBo"],
  ["Ann\u202egpj", "Ann\ufffdgpj"],
  ["\u2066Ann\u2069", "\ufffdAnn\ufffd"],
  ["An\u00adn\u200b", "An\ufffdn\ufffd"],
  ["Ann\r\u0007\u009b", "Ann\ufffd\ufffd\ufffd"],
  ["\u001b[31mAnn\u001b[0m", "Ann"],
  ["Ann\n\tBo", "Ann\n\tBo"],
])("characters that are not seen are replaced: %j", (text, shown) => {
  expect(plain(text)).toBe(shown);
});

it("joiners take no column of a table", () => {
  const [, first, second] = table(
    ["NAME", "ROLE"],
    [
      ["گوشی\u200cهای", "guard"],
      ["abcdefg", "guard"],
    ],
  ).split("\n");
  expect(first).toBe("گوشی\u200cهای  guard");
  expect(second).toBe("abcdefg  guard");
});
