import { busSchemas, eventSchema } from "@gatepost/protocol";
import * as z from "zod";
import { entrySchemas } from "../../../../packages/embedded/src/bus/envelope.ts";

/** The JSON Schema of all entries of the bus, as text. */
export function entrySchema(): string {
  const names = z.registry<{ id: string }>();
  names.add(eventSchema, { id: "event" });
  names.add(busSchemas["Face Event Recorded"].shape.photo, { id: "photo" });
  // As input, so that it does not forbid members which a later version may add.
  return lines(z.toJSONSchema(z.union(entrySchemas), { metadata: names, io: "input" }), "");
}

const lineWidth = 110;

/** JSON with each value on one line if it fits. */
function lines(value: unknown, indent: string): string {
  const short = JSON.stringify(value);
  if (short.length + indent.length <= lineWidth || typeof value !== "object" || value === null) return short;
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => deeper + lines(item, deeper)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, item]) => `${deeper}"${key}": ${lines(item, deeper)}`);
  return `{\n${members.join(",\n")}\n${indent}}`;
}
