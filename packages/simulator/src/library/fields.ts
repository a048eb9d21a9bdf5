import { isObject, type Json, type JsonObject } from "@gatepost/protocol";
import type { BoxApiRequest } from "../box-api.ts";
import { LibraryError } from "./refusal.ts";

/** The body of a request that writes. "" is a value; only a member that is null or absent is missing. SYS5, README. */
export function bodyOf({ contentType, body }: BoxApiRequest): JsonObject {
  if (!contentType.toLowerCase().startsWith("application/json")) throw new LibraryError("content-type");
  if (!isObject(body)) throw new LibraryError("json-bad");
  return body;
}

export function isMissing(value: Json | undefined): value is null | undefined {
  return value === undefined || value === null;
}

export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (isMissing(value)) throw new LibraryError("field-missing", name);
  if (typeof value !== "string" || value === "") throw new LibraryError("value-bad", name);
  return value;
}

export function optionalText(body: JsonObject, name: string): string | null {
  return isMissing(body[name]) ? null : requiredText(body, name);
}

export function textList(value: Json | undefined, name: string): string[] {
  if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
    throw new LibraryError("value-bad", name);
  return value.map(String);
}

export function objectIn(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (isMissing(value)) throw new LibraryError("field-missing", name);
  if (!isObject(value)) throw new LibraryError("value-bad", name);
  return value;
}
