import { expect, it } from "vitest";
import { missing } from "../../support/required.ts";
import { isLong, seedOfRun } from "../../support/seeded.ts";
import { imbalances } from "./balance.ts";
import { soak } from "./soak.ts";
import { asTable } from "./table.ts";

const seconds = isLong ? 600 : 20;
const reason = missing("prlimit", ["--version"], "prlimit");

it.skipIf(reason !== null)(
  `the account balances after ${seconds} s of all boxes with every failure`,
  { timeout: (seconds + 3600) * 1000 },
  async () => {
    const { account, counts } = await soak("embedded", { seconds, seed: seedOfRun("soak") });
    process.stdout.write(`${asTable(account)}\n${JSON.stringify(counts)}\n`);
    expect(imbalances(account)).toEqual({});
    expect(account.history.sent).toBeGreaterThan(seconds);
    expect(account.realtime.acknowledged).toBeGreaterThan(0);
  },
);
