import * as z from "zod";
import { foreign } from "./item.ts";

const value = z.union([
  z.object({ S: z.string() }).transform(({ S }) => S),
  z.object({ N: z.string() }).transform(({ N }) => Number(N)),
  z.unknown().transform(() => foreign),
]);

/** A row as the table's stream has it, before or after a change; absent where there was none. */
export const streamImage = z.record(z.string(), value).optional();
