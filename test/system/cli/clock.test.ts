import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { dataFolder, gatepost, serve } from "./support.ts";

const day = 86_400_000;

/** A store whose server ran with a clock some days ahead. */
async function storeServedAhead(days: number) {
  const data = await dataFolder();
  await (await serve(data)).stop();
  const database = new DatabaseSync(join(data, "gatepost.db"));
  database.exec(`UPDATE store_clock SET noted_at = ${Date.now() + days * day}`);
  database.close();
  return data;
}

it("a server does not start if the clock is behind, and names times and remedy", async () => {
  const data = await storeServedAhead(300);
  const { code, stdout, stderr } = await gatepost("serve", "--port", "0", "--data", data);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /^gatepost: this machine's clock says \S+Z, and said \S+Z when [^\n]+: set the clock, or run `gatepost doctor --trust-clock --data [^`]+` if it is right\n$/,
  );
  expect((await gatepost("keys", "list", "--data", data)).code).toBe(0);
  expect((await gatepost("doctor", "--data", data)).stdout).toMatch(
    /^! clock .*: set it, or `gatepost doctor --trust-clock --data [^`]+`/m,
  );
});

it("a server starts after `doctor --trust-clock`, or if the clock is only hours behind", async () => {
  const data = await storeServedAhead(300);
  expect((await gatepost("doctor", "--trust-clock", "--data", data)).stdout).not.toMatch(/^! clock/m);
  await (await serve(data)).stop();
  await (await serve(await storeServedAhead(0.9))).stop();
});
