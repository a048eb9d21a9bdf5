import { isObject, type Json, type JsonObject } from "@gatepost/protocol";

export type Encoding = "json" | "form-data";

export interface Encoded {
  contentType: string;
  bytes: Buffer;
}

/** A boundary that base64 cannot hold. */
const boundary = "----gatepost-simulated-box";

/**
 * A body as the setting `content-type` of a box has it. How `ext_data` is flattened in form-data is not documented; the
 * senders are Python, so it goes as JSON text. docs/formats.md §3.
 */
export function encode(body: JsonObject | JsonObject[], encoding: Encoding): Encoded {
  if (encoding === "json" || Array.isArray(body)) {
    return { contentType: "application/json", bytes: Buffer.from(JSON.stringify(body)) };
  }
  const parts = Object.entries(body).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${textOf(value)}\r\n`,
  );
  const bytes = Buffer.from(`${parts.join("")}--${boundary}--\r\n`);
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes };
}

function textOf(value: Json): string {
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
