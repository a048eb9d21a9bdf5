import { describe, expect, it } from "vitest";
import type { Call } from "../../../prove/power/calls.ts";
import { standingsAt } from "../../../prove/power/recording.ts";

const operation = (port: number | null, begunAt: number) => ({
  claims: [],
  begunAt,
  port,
  isAnswered: true,
  request: null,
});
const answer = (port: number, at: number, status = 200): Call => ({ kind: "answer", port, status, at });

describe("the operations of a recording at a power cut", () => {
  const progressAt = (calls: readonly Call[], cut: number, ...operations: ReturnType<typeof operation>[]) =>
    standingsAt(operations, calls, cut).map(({ progress }) => progress);

  it("are unsent, begun and answered one after the other", () => {
    const calls = [answer(9, 10), answer(8, 30), answer(7, 50)];
    const at = (cut: number) => progressAt(calls, cut, operation(7, 20));
    expect([1, 2, 3].flatMap(at)).toEqual(["unsent", "begun", "answered"]);
  });

  it("are not answered by an earlier answer on the same port", () => {
    const calls = [answer(7, 10), answer(8, 30), answer(7, 50)];
    const at = (cut: number) => progressAt(calls, cut, operation(7, 5), operation(7, 20));
    expect([1, 2, 3].map(at)).toEqual([
      ["answered", "unsent"],
      ["answered", "begun"],
      ["answered", "answered"],
    ]);
  });

  it("are not answered by a refusal", () => {
    expect(progressAt([answer(7, 10, 503)], 1, operation(7, 5))).toEqual(["begun"]);
  });

  it("are answered from the beginning if they are promises without a request", () => {
    expect(progressAt([], 0, operation(null, 0))).toEqual(["answered"]);
  });
});
