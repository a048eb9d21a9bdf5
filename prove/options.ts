import { numberOf, oneOf, optionsOf } from "../scripts/called.ts";

export const parts = ["power", "simulation", "differential"] as const;
export type Part = (typeof parts)[number];

export type Options = ReturnType<typeof readOptions>;

/** The options of the call. One that is not known ends the process. */
export function readOptions() {
  const { seed, hours, only, scene, at, states, schedules, first } = optionsOf({
    seed: { type: "string" },
    hours: { type: "string" },
    only: { type: "string" },
    scene: { type: "string" },
    at: { type: "string" },
    states: { type: "string" },
    schedules: { type: "string" },
    first: { type: "boolean", default: false },
  });
  return {
    /** Repeats the random choices, not the moments at which processes did something. */
    seed: seed === undefined ? Math.floor(Math.random() * 2 ** 31) : numberOf("seed", seed),
    hours: hours === undefined ? undefined : numberOf("hours", hours, { isFraction: true }),
    only: only === undefined ? undefined : oneOf(only, parts),
    scene,
    /** The only system call that fails. */
    at,
    states: states === undefined ? undefined : numberOf("states", states, { least: 1 }),
    schedules: schedules === undefined ? undefined : numberOf("schedules", schedules, { least: 1 }),
    /** Whether it ends with the first finding. */
    first,
  };
}
