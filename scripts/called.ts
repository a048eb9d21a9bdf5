import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What the script was called with. */
const given = () => process.argv.slice(2);

/** Ends a script that was called wrongly, with 2: says what is wrong, and what there is. */
function wrongCall(why: string, known: readonly string[]): never {
  process.stderr.write(`${why}: there is ${known.length === 0 ? "nothing to name" : known.join(", ")}\n`);
  process.exit(2);
}

/** The names that a script was called with. One that is not known ends it. */
export function namesOf<Name extends string>(known: readonly Name[]): Name[] {
  return given().map((name) => oneOf(name, known));
}

/** A name if it is known; another one ends the script. */
export function oneOf<Name extends string>(name: string, known: readonly Name[]): Name {
  return known.find((one) => one === name) ?? wrongCall(`${name} is not known`, known);
}

/** The options that a script was called with. One that is not known ends it. */
export function optionsOf<const Known extends Options>(options: Known) {
  try {
    return parseArgs({ args: given(), options }).values;
  } catch (error) {
    // Errors of parseArgs are TypeErrors: `Unknown option '--stge'. To specify…`
    if (!(error instanceof TypeError)) throw error;
    const known = Object.entries(options).map(([name, { type }]) => `--${name}${type === "string" ? " …" : ""}`);
    return wrongCall(error.message.split(". ")[0] ?? "", known);
  }
}
