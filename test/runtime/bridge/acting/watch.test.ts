import { expect, it } from "vitest";
import { Watch } from "../../../../packages/bridge/src/acting/watch.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 22);

it("a watch knows since when every order was received, with a margin for whole seconds", () => {
  const watch = new Watch();
  expect([watch.look(start), watch.look(start + 10_000), watch.look(start + minute)]).toEqual([
    ...[null, start + 2000, start + 2000],
  ]);
});

it.each<[string, (watch: Watch) => void]>([
  ["a look that failed", (watch) => watch.end()],
  ["an answer without a time", (watch) => void watch.look(null)],
  ["a pause in which another bridge may have stood in", (watch) => void watch.look(start + 6 * minute)],
])("a watch begins anew after %s", (_, broken) => {
  const watch = new Watch();
  watch.look(start);
  broken(watch);
  const later = start + 7 * minute;
  watch.look(later);
  expect(watch.look(later + 10_000)).toBeGreaterThan(start + 5 * minute);
});
