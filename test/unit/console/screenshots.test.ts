import { expect, it } from "vitest";
import { pageNames, parseAddress, sections } from "../../../packages/console/src/state/address.ts";
import { visitsOf } from "../../../scripts/screenshots/visits.ts";

const ids = {
  event: "evt_1",
  stranger: "evt_2",
  person: "~hq/1",
  roll: "rol_1",
  invitation: "gpi_1",
  day: "2026-11-16",
};
const visited = visitsOf("usual", ids).map(({ hash }) => parseAddress(hash));

it("takes screenshots of every page", () => {
  expect(visited.filter(({ isUnknown }) => isUnknown)).toEqual([]);
  expect(new Set(visited.map(({ page }) => page))).toEqual(new Set(pageNames));
});

it("takes screenshots of every section of Settings", () => {
  const shown = visited.flatMap(({ page, id }) => (page === "settings" && id !== null ? [id] : []));
  expect(new Set(shown)).toEqual(new Set(sections));
});
