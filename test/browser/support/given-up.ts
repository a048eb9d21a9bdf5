import { setTimeout as sleep } from "node:timers/promises";
import { report } from "./report.ts";
import type { Trouble } from "./trouble.ts";

const name = "old-crm";
const target = (url: string) => ({ url: `${url}/crm`, allowPrivate: true });
const pattern = { source: ["gatepost"], detail: { event: { person: { id: ["crm-1", "crm-2"] } } } };

/** Writes a rule, by which the desk hears of two persons. */
export async function writeRule({ office: { api }, desk }: Trouble): Promise<void> {
  const { etag } = await api.ask("GET /v1/rules");
  const body = { pattern, target: target(desk.url) };
  await api.ask("PUT /v1/rules/{name}", { path: { name }, body, headers: { "if-match": etag } });
}

/** Leaves two undelivered entries whose rule is gone. The desk refuses them. */
export async function giveUp(trouble: Trouble): Promise<void> {
  const { office, desk } = trouble;
  desk.answer(500);
  await writeRule(trouble);
  for (const id of ["crm-1", "crm-2"]) {
    await report(office, { identity_id: id, identity_name: "Not Taken", want_action: "1002" });
  }
  const waiting = async () => (await office.api.ask("GET /v1/rules")).rules.find((rule) => rule.name === name)?.waiting;
  while ((await waiting()) !== 2) await sleep(20);
  const { etag } = await office.api.ask("GET /v1/rules");
  await office.api.ask("DELETE /v1/rules/{name}", { path: { name }, headers: { "if-match": etag } });
  const dead = async () =>
    (await office.api.ask("GET /v1/deadletters")).deadletters.filter(({ rule }) => rule === name);
  while ((await dead()).length < 2) await sleep(20);
}
