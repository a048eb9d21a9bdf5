import type { JsonObject } from "@gatepost/protocol";
import type { Passing, Pictures } from "../passing.ts";
import { flatHistory, historyV6 } from "./flat.ts";
import { nestedHistory } from "./nested.ts";
import { flatVersions, type Version } from "./versions.ts";

/** The history report of a passing in the words of a version. */
export function historyBody(passing: Passing, pictures: Pictures, version: Version): JsonObject {
  if (version === "V6") return historyV6(passing, pictures);
  return flatVersions.has(version)
    ? flatHistory(passing, pictures, version)
    : nestedHistory(passing, pictures, version);
}
