import { describe, expect, it } from "vitest";
import { findMissing } from "../../../packages/bridge/src/se5/find-missing.ts";

const at = (time: number, person = "888001", device = "camera-1") => ({ at: time, person, device });

describe("From a box's memory, the bridge delivers", () => {
  it.each([
    ["an unknown event, by its own time", [at(1000)], [], [1000]],
    ["no event that is known to the millisecond", [at(1000)], [at(1000)], []],
    ["no event that is known 2 ms away", [at(1000), at(5000)], [at(998), at(5002)], []],
    ["an event whose nearest known one is 3 ms away", [at(1000)], [at(1003)], [1000]],
    ["an event that is only known of another person", [at(1000)], [at(1000, "888002")], [1000]],
    ["an event that is only known of another camera", [at(1000)], [at(1000, "888001", "camera-2")], [1000]],
    ["no event that is known without its camera", [at(1000)], [at(1000, "888001", "")], []],
    [
      "both of two strangers if one is known, by the known time",
      [at(1000, ""), at(1001, "")],
      [at(1002, "")],
      [1002, 1002],
    ],
    ["none of two known strangers", [at(1000, ""), at(1001, "")], [at(1000, ""), at(1001, "")], []],
    [
      "three strangers, by the nearest known time",
      [at(1000, ""), at(1000, ""), at(1000, "")],
      [at(999, ""), at(1002, "")],
      [999, 999, 999],
    ],
  ])("%s", (_, stored, known, expected) => {
    expect(findMissing(stored, { known, within: () => true }).map((one) => one.at)).toEqual(expected);
  });
});

it("returns stored events of the span, and compares those around it", () => {
  const stored = [at(1000, ""), at(1001, "")];
  const within = ({ at: time }: { at: number }) => time > 1000;
  expect(findMissing(stored, { known: [at(1000, "")], within })).toEqual([at(1000, "")]);
  expect(findMissing(stored, { known: stored, within })).toEqual([]);
});
