import { expect, it } from "vitest";
import { isLong, seedOfRun } from "../../support/seeded.ts";
import { whereRehearsable } from "../rehearsal/started.ts";
import { imbalances } from "./balance.ts";
import { notAllowed } from "./rehearsed.ts";
import { soak } from "./soak.ts";
import { asTable } from "./table.ts";

const seconds = isLong ? 600 : 20;

whereRehearsable(() => {
  it(`the account balances after ${seconds} s of all boxes with random failures`, {
    timeout: (seconds + 3600) * 1000,
  }, async () => {
    const { account, counts } = await soak("rehearsal", { seconds, seed: seedOfRun("soak of the rehearsal") });
    process.stdout.write(`${asTable(account)}\n${JSON.stringify(counts)}\n`);
    expect(imbalances(account)).toEqual({});
    expect(counts[notAllowed]).toBe(0);
    expect(account.stores?.events).toBeGreaterThan(seconds);
  });
});
