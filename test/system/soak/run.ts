import { numberOf, oneOf, optionsOf } from "../../../scripts/called.ts";
import { imbalances } from "./balance.ts";
import { soak } from "./soak.ts";
import { asTable } from "./table.ts";

/**
 * `npm run soak -- --minutes 60 --seed 7 --against rehearsal`: prints the account, and ends with 1 if it does not
 * balance.
 */
const values = optionsOf({
  minutes: { type: "string", default: "1" },
  seed: { type: "string" },
  against: { type: "string", default: "embedded" },
});
const against = oneOf(values.against, ["embedded", "rehearsal"]);
const minutes = numberOf("minutes", values.minutes, { isFraction: true });
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : numberOf("seed", values.seed);
process.stdout.write(`--against ${against} --seed ${seed}\n`);
const { account, counts } = await soak(against, { seconds: minutes * 60, seed });
process.stdout.write(`${asTable(account)}\n${JSON.stringify(counts)}\n`);
const wrong = Object.entries(imbalances(account));
for (const [what, count] of wrong) process.stdout.write(`${what}: ${count}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
