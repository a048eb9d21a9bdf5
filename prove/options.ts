import * as z from "zod";
import { oneOf, optionsOf } from "../scripts/called.ts";

export const parts = ["power", "simulation", "differential"] as const;
export type Part = (typeof parts)[number];

const schema = z.object({
  /** Repeats the random choices, not the moments at which processes did something. */
  seed: z.coerce
    .number()
    .int()
    .default(() => Math.floor(Math.random() * 2 ** 31)),
  hours: z.coerce.number().positive().optional(),
  only: z.enum(parts).optional(),
  scene: z.string().optional(),
  /** The only system call that fails. */
  at: z.string().optional(),
  states: z.coerce.number().int().positive().optional(),
  schedules: z.coerce.number().int().positive().optional(),
  /** Whether it ends with the first finding. */
  first: z.boolean().default(false),
});
export type Options = z.output<typeof schema>;

/** The options of the call. One that is not known ends the process. */
export function readOptions(): Options {
  const values = optionsOf({
    seed: { type: "string" },
    hours: { type: "string" },
    only: { type: "string" },
    scene: { type: "string" },
    at: { type: "string" },
    states: { type: "string" },
    schedules: { type: "string" },
    first: { type: "boolean" },
  });
  if (values.only !== undefined) oneOf(values.only, parts);
  return schema.parse(values);
}
