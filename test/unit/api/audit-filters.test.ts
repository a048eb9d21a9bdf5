import { expect, it } from "vitest";
import { isWhole } from "../../support/seeded.ts";
import { addAccount, signedIn } from "./people.ts";
import { runtime, type TestRuntime } from "./support.ts";

type Entry = { seq: number; action: string; outcome: string; by: object; about: Record<string, unknown> };

async function entries(deps: TestRuntime, query = "") {
  const found: Entry[] = [];
  let next: string | null = "";
  for (let pages = 0; next !== null; pages++) {
    const cursor: string = next === "" ? "" : `&cursor=${next}`;
    const answer = await deps.ask(`/v1/audit?limit=2${query}${cursor}`);
    expect([answer.status, pages < 50]).toEqual([200, true]);
    const page = (await answer.json()) as { entries: Entry[]; next: string | null };
    found.push(...page.entries);
    next = page.next;
  }
  return found;
}

it("the audit log is filtered by person, action, outcome and site, page by page", async () => {
  const deps = await runtime();
  const ann = await addAccount(deps, "administrator", { name: "Ann" });
  const headers = await signedIn(deps, ann);
  const patch = (box: string, body: object) =>
    deps.ask(`/v1/boxes/${box}`, { method: "PATCH", headers, body: JSON.stringify(body) });
  for (const box of ["gate-1", "gate-2"]) {
    await deps.ask("/v1/keys", { method: "POST", body: JSON.stringify({ scope: "ingest", box }) });
    expect((await patch(box, { site: box === "gate-1" ? "hq" : "city" })).status).toBe(200);
  }
  await deps.ask("/v1/accounts/acc_1", { method: "DELETE", headers });
  const all = await entries(deps);
  expect(all.length).toBeGreaterThan(8);
  const byAnn = await entries(deps, `&by=${ann}`);
  expect(new Set(byAnn.map(({ by }) => JSON.stringify(by)))).toEqual(
    new Set([JSON.stringify({ account: ann, name: "Ann" })]),
  );
  expect(byAnn.map(({ action }) => action)).toEqual(expect.arrayContaining(["setting-changed", "account-removed"]));
  const made = await entries(deps, "&action=key-made&outcome=done");
  expect(made.map(({ about }) => about["box"])).toEqual(["gate-2", "gate-1"]);
  const several = await entries(deps, "&action=key-made&action=account-removed&outcome=refused&outcome=failed");
  expect(several.map(({ action, outcome }) => [action, outcome])).toEqual([["account-removed", "refused"]]);
  const atHq = await entries(deps, "&site=hq");
  expect(atHq.length).toBeGreaterThan(2);
  expect(atHq.every(({ about }) => about["box"] === "gate-1")).toBe(true);
  expect(await entries(deps, "&site=nowhere")).toEqual([]);
  expect((await deps.ask("/v1/audit?action=made")).status).toBe(400);
});

it.runIf(isWhole)("the chain is verified over several requests, and a changed entry is named", async () => {
  const deps = await runtime();
  const verify = async (after?: string) => {
    const body = JSON.stringify(after === undefined ? {} : { after });
    const answer = await deps.ask("/v1/audit/verify", { method: "POST", body });
    return (await answer.json()) as { isWhole: boolean; entries: number; brokenAt: number | null; next: string | null };
  };
  const note = { action: "signed-in", outcome: "done", by: "key_1", from: null, about: {} } as const;
  const count = 6000;
  for (let n = 0; n < count; n++) await deps.deps.audit.note(note);
  const first = await verify();
  expect(first).toMatchObject({ isWhole: true, brokenAt: null, next: expect.any(String) });
  expect(first.entries).toBeGreaterThanOrEqual(5000);
  expect(await verify(first.next ?? "")).toEqual({ isWhole: true, entries: count, brokenAt: null, next: null });
  expect((await deps.ask("/v1/audit/verify", { method: "POST", body: '{"after":"x"}' })).status).toBe(400);
  const [item] = (await deps.ingest.items.getAll(["audit 40"])).values();
  const record = String(item?.["record"]).replace("key_1", "key_2");
  deps.ingest.database.exec("DROP TRIGGER audit_is_only_appended_to");
  await deps.ingest.items.write({ pk: "audit 40", set: { record } });
  const again = await verify((await verify()).next ?? "");
  expect(again).toMatchObject({ isWhole: false, brokenAt: 40, next: null });
});
