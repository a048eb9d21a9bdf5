import { api } from "@gatepost/api";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { awsHoursMail } from "../../../packages/aws/src/runtime/hours-mail.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { codeAt } from "../../support/app-codes.ts";
import { addAccount } from "../../unit/api/people.ts";
import { noon, report, upsert } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const midnight = noon - (noon % day);
const nextMorning = midnight + day + 8 * 60 * minute;

onStandIns((standIns) => {
  describe("hours by mail on AWS", () => {
    let deps: TestRuntime;
    let server: SmtpServer;
    let admin: string;
    let manager: string;
    beforeEach(async () => {
      deps = await runtimeOn(standIns, { variables: { GATEPOST_MAIL_LANGUAGE: "zh" } });
      server = await new SmtpServer().listen();
      admin = newToken("admin");
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
      manager = await addAccount({ deps: deps.reads }, "manager", { name: "chen" });
      await deps.reads.boxes.writer.set("gate-1", { site: "hq" });
      await deps.reads.sites.put("hq", { zone: "UTC", name: "HQ" });
    });
    afterEach(async () => {
      await server.close();
      await deps.close();
    });

    /** A process of the function. Its first rule sends no e-mail. */
    function mailing(target: Record<string, unknown> = {}, secrets: object = { secret: server.password }) {
      const mail = { type: "email", url: server.url, to: "guard@example.com", template: "zh", allowPrivate: true };
      const rules = [
        { name: "phones", target: { type: "ntfy", url: "https://ntfy.sh/gate" } },
        { name: "people", target: { ...mail, ...target } },
      ];
      const env = {
        ...environmentOf(deps.names),
        GATEPOST_ALERTS: JSON.stringify(rules),
        GATEPOST_ALERT_SECRETS: JSON.stringify({ people: secrets }),
      };
      return awsHoursMail(deps.ingest, env, { clients: deps.clients, limits: patient });
    }

    async function ask(method: string, path: string, body?: object, reads = deps.reads) {
      const headers = { authorization: `Bearer ${admin}` };
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      const answer = await api(reads).request(path, init);
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    }

    const put = () => ask("PUT", "/v1/hours/mail", { site: "hq", to: [manager], at: "08:00", what: "yesterday" });
    const doneOn = async () => (await deps.reads.hoursMails.get("hq"))?.doneOn;

    it("arrive with the passings of the day before, once for all processes", async () => {
      const person = { id: "00042", name: "Ada", type: "employee" } as const;
      await deps.ingest.index.upsert(upsert("e1", { box: "gate-1", report: report({ person, time: noon }) }));
      expect((await put()).status).toBe(200);
      await mailing()();
      expect(server.mails).toEqual([]);
      deps.setClock(nextMorning + 4 * minute);
      await Promise.all([mailing()(), mailing()(), mailing()()]);
      await mailing()();
      const { email } = (await deps.reads.accounts.get(manager)) ?? {};
      expect(server.mails.map(({ from, to }) => [from, to])).toEqual([[server.user, [email]]]);
      expect(server.mails[0]?.data).toMatch(/filename="?hours-hq-[\d-]+\.xlsx/);
      expect(await doneOn()).toBe(new Date(nextMorning).toISOString().slice(0, 10));
      expect(csvIn(server.mails[0]?.data)).toContain('"00042"');
    });

    it("are left to another process by one that dies", async () => {
      await put();
      deps.setClock(nextMorning);
      const claim = { day: new Date(nextMorning).toISOString().slice(0, 10), now: nextMorning };
      expect(await deps.reads.hoursMails.claim("hq", { ...claim, until: nextMorning + 5 * minute })).toBe(true);
      await mailing()();
      expect(server.mails).toEqual([]);
      deps.setClock(nextMorning + 5 * minute);
      await mailing()();
      expect(server.mails).toHaveLength(1);
    });

    it("are tried again if the server of mail refused them", async () => {
      await put();
      deps.setClock(nextMorning);
      server.troubles.set("DATA", "451 4.3.0 try again later");
      await mailing()();
      expect(deps.lines).toContainEqual({
        level: "warn",
        message: "hours not mailed, trying again",
        facts: { site: "hq", reason: expect.stringMatching(/^e-mail 451/) },
      });
      server.troubles.clear();
      deps.setClock(nextMorning + 10 * minute);
      await mailing()();
      expect(server.mails).toHaveLength(1);
    });

    it("cost one read and two queries as long as none is set", async () => {
      const mail = mailing();
      const calls = countCalls(deps.clients);
      await mail();
      expect(calls).toEqual({ GetItemCommand: 1, QueryCommand: 2 });
    });

    it("tell a person of a reset of the second factors, once for all processes", async () => {
      const { factors } = deps.reads;
      const { id, secret } = await factors.addCode({ id: manager, label: "chen" }, "Phone");
      expect(await factors.confirmCode(manager, id, codeAt(secret, noon))).toBe("confirmed");
      const headers = { authorization: `Bearer ${admin}` };
      const path = `/v1/accounts/${manager}/factors`;
      expect((await api(deps.reads).request(path, { method: "DELETE", headers })).status).toBe(204);
      await Promise.all([mailing()(), mailing()()]);
      await mailing()();
      const { email } = (await deps.reads.accounts.get(manager)) ?? {};
      expect(server.mails.map(({ to }) => to)).toEqual([[email]]);
    });

    it("are not sent while people are switched off", async () => {
      await put();
      await deps.reads.peopleSettings.set({ isOn: false, hoursDays: null });
      deps.setClock(nextMorning);
      await mailing()();
      expect([server.mails, await doneOn()]).toEqual([[], new Date(noon).toISOString().slice(0, 10)]);
    });

    it.each([
      ["without a rule that sends e-mail", { type: "mqtt", url: "mqtts://broker.example", to: "gate" }],
      ["if the rule cannot be used", { to: "nobody" }],
    ])("are not sent %s", async (_, target) => {
      await put();
      deps.setClock(nextMorning);
      await mailing(target, {})();
      expect([server.commands, await doneOn()]).toEqual([[], new Date(noon).toISOString().slice(0, 10)]);
    });

    it("can be set up only if the deployment has a rule that sends e-mail", async () => {
      expect((await ask("GET", "/v1/hours/mail?site=hq")).body).toEqual({ mail: null, isSetUp: true });
      const without = await runtimeOn(standIns);
      onTestFinished(() => without.close());
      await without.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
      await without.reads.sites.put("hq", { zone: "UTC", name: "HQ" });
      const body = { site: "hq", to: [manager], at: "08:00", what: "yesterday" };
      const refused = await ask("PUT", "/v1/hours/mail", body, without.reads);
      expect(refused).toMatchObject({ status: 409, body: { code: "no-mail" } });
    });
  });
});

/** The text of the attached CSV. */
function csvIn(data = ""): string {
  const part = data.split(/^--/m).find((text) => /text\/csv/.test(text)) ?? "";
  return Buffer.from(part.split("\n\n")[1] ?? "", "base64").toString("utf8");
}
