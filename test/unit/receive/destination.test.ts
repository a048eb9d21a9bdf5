import { destinationOf, pathPart, reservedSegments } from "@gatepost/core/paths";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("a path", () => {
  it.each([
    "/v1/events",
    "/v1/events/evt_1/pictures/face",
    "/healthz",
    "/docs",
    "/SophonDevice/api/Devices",
    "/v1/a%20b",
    "/v1/people/gate-1/A%2F102",
    "/v1/people/gate-1/A%5C102",
  ])("%s goes to the API", (path) => expect(destinationOf(path)).toBe("api"));

  it.each([
    "/",
    "*",
    "",
    "/gpi_key/HistoryEvent",
    "//gpi_key//HistoryEvent/",
    "/gpi_key/../v1/keys",
    "/v1x",
    "/%E0%A4%A",
  ])("%j goes to ingest", (path) => expect(destinationOf(path)).toBe("ingest"));

  it.each([
    "/docs/../v1/keys",
    "/docs/./v1/keys",
    "/docs/%2e%2e/v1/keys",
    "/docs/.%2E/v1/keys",
    "/docs%2f..%2fv1/keys",
    "/docs%2F%2E%2E/v1/keys",
    "/docs\\..\\v1\\keys",
    "/docs/..%5cv1/keys",
    "//v1/keys",
    "/\\v1/keys",
    "/%761/keys",
    "/v1%2fkeys",
    "v1/keys",
    "/v1/events/%zz/../..",
  ])("belongs to no handler if a URL parser may read it as another one: %s", (path) => {
    expect(destinationOf(path)).toBe("nobody");
  });
});

it.each([
  ["ext_data.spot_pic", "ext_data.spot_pic"],
  ["a b", "a%20b"],
  ["a/b.pic", ".YS9iLnBpYw"],
  ["a\\b", ".YVxi"],
  ["50%", ".NTAl"],
  [".a", ".LmE"],
])("the part of a path for %j is %s", (text, part) => expect(pathPart(text)).toBe(part));

it("every API path is the same path for a URL parser", () => {
  const part = fc.oneof(
    fc.constantFrom("..", ".", "%2e%2e", "%2E.", "%2f", "\\", "", ...reservedSegments),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...reservedSegments), fc.array(part), (first, parts) => {
      const path = ["", first, ...parts].join("/").replaceAll(/[?#\s]/g, "");
      if (destinationOf(path) !== "api") return;
      expect(new URL(`http://gatepost${path}`).pathname.split("/").length).toBe(path.split("/").length);
      expect(new URL(`http://gatepost${path}`).pathname.startsWith(`/${first}`)).toBe(true);
    }),
  );
});
