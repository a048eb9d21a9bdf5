import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What the script was called with. */
const given = () => process.argv.slice(2);

/** Ends a script that was called wrongly, with 2 and the reason. */
export function wrongCall(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(2);
}

/** The names that a script was called with. An unknown one ends it. */
export function namesOf<Name extends string>(known: readonly Name[]): Name[] {
  return given().map((name) => oneOf(name, known));
}

/** A known name; an unknown one ends the script. */
export function oneOf<Name extends string>(name: string, known: readonly Name[]): Name {
  const names = known.length === 0 ? "this script takes no names" : `known are ${known.join(", ")}`;
  return known.find((one) => one === name) ?? wrongCall(`unknown name '${name}': ${names}`);
}

/** What a number of an option may be. */
interface NumberOption {
  /** 0 by default. */
  least?: number;
  /** Whether it may have a fraction. */
  isFraction?: boolean;
}

/** The number of an option; anything else ends the script. */
export function numberOf(option: string, text: string, { least = 0, isFraction = false }: NumberOption = {}): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value >= least && Number.isFinite(value) && (isFraction || Number.isSafeInteger(value))) return value;
  return wrongCall(`--${option} ${text}: must be a ${isFraction ? "number" : "whole number"} from ${least}`);
}

/** The options that a script was called with. An unknown one ends it. */
export function optionsOf<const Known extends Options>(options: Known) {
  try {
    return parseArgs({ args: given(), options }).values;
  } catch (error) {
    // Errors of parseArgs are TypeErrors: `Unknown option '--stge'. To specify…`
    if (!(error instanceof TypeError)) throw error;
    const known = Object.entries(options).map(([name, { type }]) => `--${name}${type === "string" ? " …" : ""}`);
    return wrongCall(`${error.message.split(". ")[0]}: known are ${known.join(", ")}`);
  }
}
