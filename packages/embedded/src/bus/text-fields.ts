import { PatternError } from "@gatepost/event-pattern";
import * as z from "zod";

/** Fields of an entry that often look like numbers and are text: a number in a pattern never equals them. */
const textFields = new Set([
  "account",
  "detail.want_action",
  "detail.event.wantAction",
  "detail.event.actions.wantAction",
  "detail.event.person.id",
  "detail.event.device.id",
  "detail.event.box.id",
  "detail.event.box.serial",
]);

const object = z.record(z.string(), z.unknown());
const list = z.array(z.unknown());

/** Throws PatternError if a valid pattern compares a text field with a number. It would never match. */
export function refuseNumbersForText(pattern: unknown, path = "", at = "$"): void {
  for (const [name, value] of Object.entries(object.safeParse(pattern).data ?? {})) {
    const inner = `${at}.${name}`;
    if (name === "$or") {
      for (const [index, part] of (list.safeParse(value).data ?? []).entries()) {
        refuseNumbersForText(part, path, `${inner}[${index}]`);
      }
      continue;
    }
    const field = path === "" ? name : `${path}.${name}`;
    const conditions = list.safeParse(value).data;
    if (conditions === undefined) refuseNumbersForText(value, field, inner);
    else if (textFields.has(field)) refuseNumbers(conditions, field, inner);
  }
}

function refuseNumbers(conditions: readonly unknown[], field: string, at: string): void {
  for (const [index, condition] of conditions.entries()) {
    const number = numberIn(condition);
    if (number === null) continue;
    throw new PatternError(`${at}[${index}]`, `${field} is text on the bus: write "${number}", in quotes`);
  }
}

/** The first number in a condition. */
function numberIn(condition: unknown): number | null {
  if (typeof condition === "number") return condition;
  const inner = Object.values(object.safeParse(condition).data ?? {}).flat();
  return inner.find((value) => typeof value === "number") ?? null;
}
