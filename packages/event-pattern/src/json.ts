/** A value that is no object and no array, as operators test it. */
export type Scalar = string | number | boolean | null;
export type Json = Scalar | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Whether a value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value is an array, without letting its members become `any`. */
export function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
