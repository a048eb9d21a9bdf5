import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Subscriber } from "../../support/subscriber.ts";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

interface Listed {
  deliveries: { rule: string; entry: string; tries: number; lastAnswer: string; aside: boolean; nextTry: string }[];
}

let hook: Subscriber;
let data: string;
beforeEach(async () => {
  hook = await Subscriber.listen();
  data = await dataFolder();
  await mkdir(data);
});
afterEach(() => hook.close());

const wants = JSON.stringify({ identity_id: "1", timestamp: 1_793_851_200_000, want_action: "1002", ext_data: {} });

const list = (...more: string[]) => gatepostJson<Listed>("deliveries", "list", ...more, "--data", data);

it("waiting deliveries are listed by rule, beside a server and without one", async () => {
  const pattern = { detail: { want_action: ["1002"] } };
  const rules = ["a", "b"].map((name) => ({ name, pattern, target: { url: `${hook.url}/${name}` } }));
  await writeFile(join(data, "rules.json"), JSON.stringify(rules));
  hook.behaviour = (response, { path }) => void response.writeHead(path === "/a" ? 422 : 503).end();
  const server = await serve(data, { open: true, allowPrivateTargets: true });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: wants });
  const instant = expect.stringMatching(/^\d{4}-.*Z$/);
  const both = [
    { rule: "a", lastAnswer: "answered 422", aside: true, nextTry: instant },
    { rule: "b", lastAnswer: "answered 503", aside: false, nextTry: instant },
  ];
  await expect.poll(async () => (await list()).deliveries).toMatchObject(both);
  expect((await list("--rule", "b")).deliveries).toMatchObject(both.slice(1));
  expect(await gatepost("deliveries", "list", "--rule", "", "--data", data)).toMatchObject({
    stderr: expect.stringContaining("--rule: must not be empty; leave it out to not filter by it"),
  });
  await server.stop();
  expect((await list()).deliveries).toMatchObject(both);
  const { stdout } = await gatepost("deliveries", "list", "--rule", "a", "--data", data);
  expect(stdout).toMatch(
    /^ID +RULE +ENTRY +SINCE +TRIES +LAST ANSWER +NEXT TRY +STEPPED ASIDE\n\d+ +a +act_.* 422 .* yes\n$/,
  );
});

it("status names rules whose targets take nothing, and unusable rules", async () => {
  const pattern = { detail: { want_action: ["1002"] } };
  const target = { url: `${hook.url}/door` };
  const rules = [
    { name: "door", pattern, target },
    { name: "nowhere", pattern, target: { url: "ftp://door" } },
  ];
  await writeFile(join(data, "rules.json"), JSON.stringify(rules));
  hook.behaviour = (response) => void response.writeHead(503).end();
  const server = await serve(data, { open: true, allowPrivateTargets: true });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: wants });
  await expect.poll(async () => (await list()).deliveries[0]?.tries).toBeGreaterThan(1);
  const status = async (token: string) => gatepost("status", "--url", server.url, "--token", token);
  const tokenOf = async (scope: string) =>
    (await gatepostJson<{ token: string }>("keys", "create", "--scope", scope, "--data", data)).token;
  const [admin, reader] = [await tokenOf("admin"), await tokenOf("read")];
  const { stdout: soon } = await status(admin);
  expect(soon).toMatch(/^subscribers 1 waiting \(rules: 1\)$/m);
  expect(soon).toMatch(/^! rule nowhere, line 1, column \d+: .+$/m);
  expect(soon).not.toContain("rule door");
  {
    using database = new DatabaseSync(join(data, "gatepost.db"));
    const earlier = `'' || json_set(item ->> 'value', '$.since', (item ->> 'value') ->> '$.since' - ${10 * 60_000})`;
    database.exec(`UPDATE items SET item = json_set(item, '$.value', ${earlier}) WHERE pk = 'alert failing door'`);
  }
  const fails =
    /^! the target of rule door has taken nothing since \S+Z \(answered 503\), 1 entry waits: `gatepost deliveries list --rule door --url http:\S+`$/m;
  await expect.poll(async () => (await status(admin)).stdout).toMatch(fails);
  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({
    status: "degraded",
    reasons: [
      expect.stringMatching(/^rules\.json has an error /),
      expect.stringMatching(/^targets that take nothing: 1;/),
    ],
  });
  expect((await status(reader)).stdout).toMatch(/^subscribers 1 waiting \(rules: 1\)$/m);
  await server.stop();
});
