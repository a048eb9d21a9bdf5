import { expect, it } from "vitest";
import { missing } from "../support/required.ts";
import { isLong, seedOfRun } from "../support/seeded.ts";
import { asTable } from "./account.ts";
import { soak } from "./soak.ts";

const seconds = isLong ? 600 : 20;
const reason = missing("prlimit", ["--version"], "prlimit");

it.skipIf(reason !== null)(
  `${seconds} s of all kinds of boxes while everything fails at random: the account balances`,
  {
    timeout: (seconds + 180) * 1000,
  },
  async () => {
    const { account, troubles } = await soak({ seconds, seed: seedOfRun("soak") });
    process.stdout.write(`${asTable(account)}\n${JSON.stringify(troubles)}\n`);
    expect(account.history).toMatchObject({ lost: 0, doubled: 0 });
    expect(account.actions).toMatchObject({ lost: 0, notArmed: 0 });
    expect(account.realtime).toMatchObject({ lostWhileUp: 0 });
    expect(account.unknown).toBe(0);
    expect(account.history.sent).toBeGreaterThan(seconds);
  },
);
