import { dayMs, hourMs, minuteMs, secondMs } from "@gatepost/protocol";
import * as z from "zod";

const sizes: Record<string, number> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const times: Record<string, number> = { s: secondMs, m: minuteMs, h: hourMs, d: dayMs };

function quantity(units: Record<string, number>, example: string, least: number) {
  return z.string(`write it as ${example}`).transform((text, context) => {
    const [, number, unit = ""] = /^(\d{1,9})\s*([a-z]{1,2})$/i.exec(text.trim()) ?? [];
    const value = Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
    if (value >= least) return value;
    const message = Number.isNaN(value) ? `write it as ${example}` : `it is too small; write it as ${example}`;
    context.issues.push({ code: "custom", message, input: text });
    return z.NEVER;
  });
}

/** A number of bytes, as `4gb`. */
export const size = (example: string, least = 1) => quantity(sizes, example, least);

/** A number of ms, as `14d`. */
export const span = (example: string, least = 1000) => quantity(times, example, least);
