import { LogOnce } from "@gatepost/core/log";
import { expect, it } from "vitest";

it("an error is logged once for each name, with the facts of the first", () => {
  const lines: object[] = [];
  const error = (message: string, facts?: object) => lines.push({ message, ...facts });
  const once = new LogOnce({ info: () => {}, warn: () => {}, error }, "a row is broken");
  for (const row of ["a", "b", "a", "b"]) once.error(row, { row, line: lines.length });
  expect(lines).toEqual([
    { message: "a row is broken", row: "a", line: 0 },
    { message: "a row is broken", row: "b", line: 1 },
  ]);
});
