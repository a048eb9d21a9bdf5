import * as z from "zod/mini";

/** The variables that a deployment gives a function. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The name of a resource, as the deployment gives it. */
export const resourceName = z.string().check(z.minLength(1));

/**
 * Reads the variables that a runtime needs, once, when it is made. Throws one error that names every missing or invalid
 * variable.
 */
export function readEnvironment<Schema extends z.core.$ZodType>(schema: Schema, env: Environment): z.output<Schema> {
  const read = z.safeParse(schema, env);
  if (read.success) return read.data;
  const variables = [...new Set(read.error.issues.map(({ path }) => String(path[0])))];
  const faults = variables.map((name) => (env[name] ? `${name} cannot be used` : `${name} is not set`));
  throw new Error(`the environment of this function is not complete: ${faults.join(", ")}`);
}
