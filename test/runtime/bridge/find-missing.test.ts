import { describe, expect, it } from "vitest";
import { findMissing } from "../../../packages/bridge/src/se5/find-missing.ts";

const at = (time: number, person = "888001", device = "camera-1") => ({ at: time, person, device });

describe("Of what a box remembers, it goes to the cloud", () => {
  it.each([
    ["what nobody knows, by its own time", [at(1000)], [], [1000]],
    ["nothing that is known to the millisecond", [at(1000)], [at(1000)], []],
    ["nothing that is known 2 ms away", [at(1000), at(5000)], [at(998), at(5002)], []],
    ["what is known 3 ms away: that is another passing", [at(1000)], [at(1003)], [1000]],
    ["what is known of another person", [at(1000)], [at(1000, "888002")], [1000]],
    ["what is known of another camera", [at(1000)], [at(1000, "888001", "camera-2")], [1000]],
    ["nothing that is known without its camera", [at(1000)], [at(1000, "888001", "")], []],
    [
      "both of two strangers where one is known, by the known time",
      [at(1000, ""), at(1001, "")],
      [at(1002, "")],
      [1002, 1002],
    ],
    ["none of two strangers where two are known", [at(1000, ""), at(1001, "")], [at(1000, ""), at(1001, "")], []],
    [
      "by the nearest of the known times",
      [at(1000, ""), at(1000, ""), at(1000, "")],
      [at(999, ""), at(1002, "")],
      [999, 999, 999],
    ],
  ])("%s", (_, stored, known, expected) => {
    expect(findMissing(stored, { known, within: () => true }).map((one) => one.at)).toEqual(expected);
  });
});

it("gives what is within, and looks at what is around it", () => {
  const stored = [at(1000, ""), at(1001, "")];
  const within = ({ at: time }: { at: number }) => time > 1000;
  expect(findMissing(stored, { known: [at(1000, "")], within })).toEqual([at(1000, "")]);
  expect(findMissing(stored, { known: stored, within })).toEqual([]);
});
