import { parseArgs } from "node:util";
import { asTable } from "./account.ts";
import { soak } from "./soak.ts";

/** `npm run soak -- --minutes 60 --seed 7`: prints the account, and ends with 1 where it does not balance. */
const { values } = parseArgs({ options: { minutes: { type: "string", default: "1" }, seed: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
process.stdout.write(`--seed ${seed}\n`);
const { account, troubles } = await soak({ seconds: Number(values.minutes) * 60, seed });
process.stdout.write(`${asTable(account)}\n${JSON.stringify(troubles)}\n`);
const { history, actions, realtime, unknown } = account;
const mustBeNone = [history.lost, history.doubled, actions.lost, actions.notArmed, realtime.lostWhileUp, unknown];
process.exitCode = mustBeNone.every((count) => count === 0) ? 0 : 1;
