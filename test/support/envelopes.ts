import { readdirSync, readFileSync } from "node:fs";
import { isObject, type Json, jsonIn } from "@gatepost/protocol";

const folder = new URL("../envelopes/", import.meta.url);

/** Messages as integrators send them: the reports of 888001, and in some of 888002, each in an envelope. */
export const envelopes = readdirSync(folder).map((file) => file.replace(/\.json$/, ""));

/** The bytes of such a message. */
export const messageIn = (name: string) => readFileSync(new URL(`${name}.json`, folder));

/** Every word and number of a message outside its reports, by the names of their members. */
export function wordsBeside(value: Json, path = ""): string[] {
  if (typeof value === "string" && isReport(value)) return [];
  if (Array.isArray(value)) return value.flatMap((item) => wordsBeside(item, path));
  if (!isObject(value)) return value === null || value === "" ? [] : [`${path}=${value}`];
  if ("identity_id" in value) return [];
  return Object.entries(value).flatMap(([name, inner]) => wordsBeside(inner, `${path}.${name}`));
}

/** Whether a text is a report, and nothing else. A text that is a message with a report is taken apart. */
function isReport(text: string): boolean {
  const plain = [text, Buffer.from(text, "base64").toString()].find((one) => one.includes("identity_id"));
  if (plain === undefined) return false;
  const inner = jsonIn(plain);
  return !isObject(inner) || wordsBeside(inner).length === 0;
}

/** The same of a message whose texts are messages themselves, as of SNS in SQS. */
export function wordsBesideIn(body: Buffer): string[] {
  return wordsBeside(unfolded(JSON.parse(body.toString())));
}

function unfolded(value: Json): Json {
  if (typeof value === "string") {
    const inner = value.includes("identity_id") ? jsonIn(value) : undefined;
    return isObject(inner) ? unfolded(inner) : value;
  }
  if (Array.isArray(value)) return value.map(unfolded);
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unfolded(v)])) : value;
}
