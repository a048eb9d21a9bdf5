import { dahua } from "./dialects/dahua/dahua.ts";
import { hikvision } from "./dialects/hikvision/hikvision.ts";
import { uniview } from "./dialects/uniview/uniview.ts";
import { zkteco } from "./dialects/zkteco/zkteco.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import type { Make } from "./terminal.ts";

export { isAtDoor, notTaken, requested, taken } from "./dialects/zkteco/answer.ts";
export { countLines, piecesOfTable, readTable } from "./dialects/zkteco/table.ts";

export { dahua, zkteco };

/** The makers of terminals. A new one is a folder in dialects/, a line here, and its names in `terminalDialects`. */
const makes: readonly Make[] = [hikvision, dahua, uniview, zkteco];

/** The maker of the terminal that a body is from; null for any other body. */
export function makeOf(body: JsonObject): Make | null {
  return makes.find((make) => make.isOf(body)) ?? null;
}

/**
 * The values of a terminal's body, each about one passing or one sign of life, without templates. Null if the body is of
 * no known make. They may share members with the body.
 */
export function terminalValues(body: Json): JsonObject[] | null {
  return isObject(body) ? (makeOf(body)?.valuesIn(body) ?? null) : null;
}
