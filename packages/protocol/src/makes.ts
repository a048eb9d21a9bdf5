import { dahua } from "./dialects/dahua/dahua.ts";
import { hikvision } from "./dialects/hikvision/hikvision.ts";
import { uniview } from "./dialects/uniview/uniview.ts";
import { zkteco } from "./dialects/zkteco/zkteco.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";

/** The makers of terminals. A new one is a folder in dialects/ and a line here. */
export const makes = [hikvision, dahua, uniview, zkteco] as const;

export type TerminalDialect = (typeof makes)[number]["dialects"][number]["name"];

/** The maker of the terminal that a body is from; null for any other body. */
export function makeOf(body: JsonObject): (typeof makes)[number] | null {
  return makes.find((make) => make.isOf(body)) ?? null;
}

/** Whether a value of a terminal is a sign of life, and about no passing. */
export function isTerminalSign(value: JsonObject): boolean {
  return makeOf(value)?.signOf(value) != null;
}

/**
 * The values of a terminal's body, each about one passing or one sign of life, without templates. Null if the body is of
 * no known make. They may share members with the body.
 */
export function terminalValues(body: Json): JsonObject[] | null {
  return isObject(body) ? (makeOf(body)?.valuesIn(body) ?? null) : null;
}
