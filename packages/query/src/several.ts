import * as z from "zod";

/** How many values one parameter may have. */
const maxValues = 20;

/** One value, or several of which any will do. */
export type OneOrMore<Value> = Value | readonly Value[];

/** A parameter that may be given several times, `?type=stranger&type=blacklist`: any of its values will do. */
export function several<Value extends z.ZodType>(value: Value) {
  return z
    .array(value)
    .min(1)
    .max(maxValues, `give ${maxValues} values at most`)
    .transform((values): OneOrMore<z.output<Value>> => {
      const [first, ...others] = [...new Set(values)];
      return others.length === 0 && first !== undefined ? first : [...new Set(values)];
    });
}

/** A parameter with several values in one text, `?state=pending,failed`. */
export function listed<Word extends string>(words: readonly [Word, ...Word[]]) {
  const one = `(${words.join("|")})`;
  return z
    .string()
    .regex(new RegExp(`^${one}(,${one})*$`), `must be of ${words.join(", ")}, with commas between`)
    .max(512)
    .transform((text) => [...new Set(text.split(","))] as Word[]);
}

/** Whether a parameter may be given several times. */
export function takesSeveral(schema: unknown): boolean {
  if (schema instanceof z.ZodExactOptional) return takesSeveral(schema.def.innerType);
  return schema instanceof z.ZodPipe ? takesSeveral(schema.def.in) : schema instanceof z.ZodArray;
}

/** All values of one or more. */
export function valuesOf<Value>(given: OneOrMore<Value>): readonly Value[] {
  return Array.isArray(given) ? given : [given as Value];
}
