import { join } from "node:path";
import { Spool } from "@gatepost/bridge";

/** Sends fifty of the side list of a spool again, one after the other, and says of each on stdout that it begins. */
const [folder = ""] = process.argv.slice(2);
const spool = new Spool(join(folder, "spool.db"), { maxBytes: 1e9, maxAge: 1e12 }, Date.now);
for (const { id } of spool.deadLetters.list().reverse().slice(0, 50)) {
  process.stdout.write(`${id}\n`);
  await spool.sendAgain(id);
}
