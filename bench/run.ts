import { consoleSpeed } from "./console.ts";
import { handlerOverFloor } from "./handler.ts";
import { receivers } from "./receivers.ts";
import { withUndelivered } from "./undelivered.ts";
import { twiceTheSize, wrappedOverStrict } from "./wrappings.ts";

/* Prints ratios of one run on one machine: median (least–most). Absolute times would say nothing elsewhere. */
if (process.argv[2] === "console") for await (const line of consoleSpeed()) process.stdout.write(`${line}\n`);
else
  for (const measure of [handlerOverFloor, wrappedOverStrict, twiceTheSize, receivers, withUndelivered])
    process.stdout.write(`${await measure()}\n`);
