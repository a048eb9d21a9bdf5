import { expect, it } from "vitest";
import { keyFormsIn } from "../../../packages/core/src/masking/key-forms.ts";
import { masked } from "../../../packages/core/src/masking/mask.ts";
import { isLong } from "../../support/seeded.ts";

it.each(["gpi_", "\\", "%67", "_", "\\u0067"])("a text of many megabytes of %s is read in one pass", (piece) => {
  expect(keyFormsIn(piece.repeat(isLong ? 2_000_000 : 200_000)).length).toBeLessThan(2);
});

it("a key of many megabytes is masked in one pass", () => {
  expect(masked(`gpi_${"a1-B_".repeat(6).slice(0, 27)}${"x".repeat(20_000_000)}`)).toBe("*".repeat(20_000_031));
});
