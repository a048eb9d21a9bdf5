import type { Command } from "commander";
import { several } from "../options.ts";

/** The API's parameters that filter events by time, and by anything else. */
const times = ["from", "to"] as const;
const repeated = ["box", "device", "person", "type", "action", "flag", "result"] as const;
const others = ["q", ...repeated] as const;

type One<Names extends readonly string[]> = Partial<Record<Names[number], string>>;

/** The filter options as they were typed. */
export type TypedFilter = One<typeof times> & One<["q"]> & Partial<Record<(typeof repeated)[number], string[]>>;

const namedFilter = (name: string) => `as the parameter ${name} of the API`;

/** Adds the options --from and --to. */
export function addTimes(command: Command): Command {
  for (const name of times) command.option(`--${name} <value>`, namedFilter(name));
  return command;
}

/** Adds the filter options other than times. */
export function addFilter(command: Command): Command {
  command.option("--q <value>", namedFilter("q"));
  for (const name of repeated) command.option(`--${name} <value>`, `${namedFilter(name)}; may be repeated`, several);
  return command;
}

/** A filter of which the API has not checked the values. */
export type Unchecked = Record<string, string | string[]>;

/** The filter for the API: only the options that were given. */
export function filterOf(typed: TypedFilter): Unchecked {
  return Object.fromEntries(
    [...times, ...others].flatMap((name) => {
      const value = typed[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
