import { afterEach, beforeEach, expect, it } from "vitest";
import { noon } from "../../../contract/samples.ts";
import { SmtpServer } from "../../../standins/channels/smtp.ts";
import { codeAt } from "../../../support/app-codes.ts";
import { addAccount } from "../../../unit/api/people.ts";
import { type ClockedRuntime, clockedRuntime, hour, rule } from "./clocked-runtime.ts";

let deps: ClockedRuntime;
let server: SmtpServer;
beforeEach(async () => {
  deps = await clockedRuntime();
  server = await new SmtpServer().listen();
});
afterEach(async () => {
  await server.close();
  await deps.close();
});

const put = async (to: string) =>
  deps.runtime.api.request("/v1/hours/mail", {
    method: "PUT",
    headers: { authorization: `Bearer ${deps.runtime.adminToken}` },
    body: JSON.stringify({ site: "hq", to: [to], at: "08:00", what: "yesterday" }),
  });

it("the hours of a site arrive by mail once, also after a restart", async () => {
  await deps.runtime.reads.boxes.writer.set("gate-1", { site: "hq" });
  await deps.runtime.reads.sites.put("hq", { zone: "UTC" });
  const account = await addAccount({ deps: deps.runtime.reads }, "manager", { name: "chen" });
  expect((await put(account)).status).toBe(409);
  const target = { type: "email", url: server.url, secret: server.password, to: "guard@example.com", template: "zh" };
  await deps.setRules([{ ...rule("people", ""), target }]);
  expect((await put(account)).status).toBe(200);
  const nextMorning = noon - (noon % (24 * hour)) + 32 * hour;
  deps.setClock(nextMorning);
  await deps.runtime.sendMails();
  await deps.restart();
  await deps.runtime.sendMails();
  const { email } = (await deps.runtime.reads.accounts.get(account)) ?? {};
  expect(server.mails.map(({ to }) => to)).toEqual([[email]]);
  const [{ data }] = server.mails as [SmtpServer["mails"][0]];
  expect(data).toMatch(/filename="?hours-hq-[\d-]+\.csv/);
  expect(data).toMatch(/filename="?hours-hq-[\d-]+\.xlsx/);
});

it("a person is told by mail that the factors were taken away, also after a restart", async () => {
  const account = await addAccount({ deps: deps.runtime.reads }, "guard", { name: "bo" });
  const target = { type: "email", url: server.url, secret: server.password, to: "guard@example.com", template: "en" };
  await deps.setRules([{ ...rule("people", ""), target }]);
  const { factors } = deps.runtime.reads;
  const { id, secret } = await factors.addCode({ id: account, label: "Bo" }, "Phone");
  expect(await factors.confirmCode(account, id, codeAt(secret, noon))).toBe("confirmed");
  const headers = { authorization: `Bearer ${deps.runtime.adminToken}` };
  const path = `/v1/accounts/${account}/factors`;
  expect((await deps.runtime.api.request(path, { method: "DELETE", headers })).status).toBe(204);
  await deps.restart();
  await deps.runtime.sendMails();
  await deps.runtime.sendMails();
  const { email } = (await deps.runtime.reads.accounts.get(account)) ?? {};
  expect(server.mails.map(({ to }) => to)).toEqual([[email]]);
  expect(server.mails[0]?.data).toContain("A command on the machine of the server took away the second step");
});
