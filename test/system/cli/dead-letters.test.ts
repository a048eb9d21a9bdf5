import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Subscriber } from "../../support/subscriber.ts";
import { dataFolder, gatepost, gatepostJson, serve, serveProcess } from "./support.ts";

interface Listed {
  deadletters: { id: string; rule: string; entry: string; reason: string }[];
}

let hook: Subscriber;
let data: string;
beforeEach(async () => {
  hook = await Subscriber.listen();
  data = await dataFolder();
  await mkdir(data);
});
afterEach(() => hook.close());

const setRules = (...names: string[]) => {
  const rules = names.map((name) => ({
    name,
    pattern: { detail: { want_action: ["1001", "1002"] } },
    target: { url: hook.url },
  }));
  return writeFile(join(data, "rules.json"), JSON.stringify(rules));
};

const serving = () => serve(data, { open: true, allowPrivateTargets: true });
const list = (...more: string[]) => gatepostJson<Listed>("deadletters", "list", ...more, "--data", data);
const send = (...more: string[]) => gatepost("deadletters", "send", ...more, "--data", data);

/** Three actions that a subscriber refused and whose rules are gone then. */
async function refused() {
  hook.answer(500);
  await setRules("a", "b");
  const server = await serving();
  for (const id of ["1", "2", "3"]) {
    const body = JSON.stringify({ identity_id: id, timestamp: 1_793_851_200_000, want_action: "1002", ext_data: {} });
    await fetch(`${server.url}/HistoryEvent`, { method: "POST", body });
  }
  await setRules();
  await expect.poll(async () => (await list()).deadletters.length).toBe(6);
  hook.accept();
  hook.delivered.length = 0;
  return server;
}

it("dead letters are listed and delivered again by id, by rule, or all", async () => {
  await refused();
  const { deadletters } = await list("--rule", "a");
  expect(deadletters).toHaveLength(3);
  expect(deadletters[0]).toMatchObject({ rule: "a", reason: "the rule was removed" });
  const id = deadletters.at(-1)?.id ?? "";
  expect(await send(id)).toMatchObject({ code: 1, stderr: expect.stringContaining("its rule is not in rules.json") });
  const none = "There is no dead letter with a usable rule in rules.json that is on.\n";
  expect(await send("--all")).toMatchObject({ code: 0, stdout: none });
  await setRules("a");
  expect(await send(id)).toMatchObject({ code: 0, stdout: "1 will be delivered again.\n" });
  await expect.poll(() => hook.delivered.length).toBe(1);
  expect(hook.delivered[0]?.headers["webhook-id"]).toBe(deadletters.at(-1)?.entry);
  expect(await gatepostJson("deadletters", "send", "--all", "--data", data)).toEqual({ sent: 2 });
  const [first = "", second = ""] = (await list("--rule", "b")).deadletters.map((one) => one.id);
  await setRules("a", "b");
  const some = await gatepost("deadletters", "send", "999999", first, first, second, "--json", "--data", data);
  expect([some.code, JSON.parse(some.stdout)]).toEqual([1, { sent: 2 }]);
  expect(some.stderr).toMatch(
    /gatepost: not sent: 999999: there is no such dead letter; \d+: there is no such dead letter; there is \d+; give such an id, as `gatepost deadletters list --data [^`]+` shows it\n$/,
  );
  expect(await gatepostJson("deadletters", "send", "--rule", "b", "--data", data)).toEqual({ sent: 1 });
  await expect.poll(() => hook.delivered.length).toBe(6);
  const { stdout } = await gatepost("deadletters", "list", "--data", data);
  expect(stdout).toBe("ID  RULE  ENTRY  SINCE  GIVEN UP  TRIES  REASON\n");
});

it("are sent in a folder that no server uses, and delivered by the next one", async () => {
  const server = await refused();
  await server.stop();
  await setRules("a", "b");
  expect(await gatepostJson("deadletters", "send", "--all", "--data", data)).toEqual({ sent: 6 });
  expect(hook.delivered).toEqual([]);
  await serving();
  await expect.poll(() => hook.delivered.length).toBe(6);
});

it("a wrong id is explained, and existing ids are listed", async () => {
  await refused();
  const { deadletters } = await list();
  const entry = deadletters[0]?.entry ?? "";
  const ids = deadletters.map(({ id }) => id);
  const ofEntry = deadletters.filter((one) => one.entry === entry).map(({ id }) => id);
  const { code, stderr } = await send("x", entry, "b");
  const some = `${ids.slice(0, 5).join(", ")} and 1 more`;
  expect([code, stderr.split("\n").at(-2)]).toEqual([
    1,
    `gatepost: not sent: x: there is no such dead letter; ${entry}: it is an entry, whose dead letters are ${ofEntry.join(", ")}; ` +
      `b: it is a rule, whose dead letters are ${deadletters
        .filter(({ rule }) => rule === "b")
        .map(({ id }) => id)
        .join(", ")}; ` +
      `there are ${some}; give such an id, as \`gatepost deadletters list --data ${data}\` shows it`,
  ]);
});

it("an empty list of dead letters is named when none can be sent", async () => {
  await serving();
  expect(await send("x")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /not sent: x: there is no such dead letter; there are no dead letters; what still waits is in/,
    ),
  });
});

it("ids, --rule and --all cannot be combined", async () => {
  const asked = { code: 2, stdout: "", stderr: "gatepost: give the ids to send, or --rule, or --all\n" };
  for (const ways of [[], ["1", "--all"], ["--rule", "a", "--all"]]) expect(await send(...ways)).toEqual(asked);
});

it("a server puts every event on the bus only with --announce-events", async () => {
  const rules = [{ name: "all", pattern: { "detail-type": ["Face Event Recorded"] }, target: { url: hook.url } }];
  await writeFile(join(data, "rules.json"), JSON.stringify(rules));
  const post = (url: string, id: string) =>
    fetch(`${url}/HistoryEvent`, {
      method: "POST",
      body: JSON.stringify({ identity_id: id, timestamp: 1, ext_data: {} }),
    });
  const quiet = await serving();
  await post(quiet.url, "1");
  await quiet.stop();
  const telling = await serve(data, { open: true, allowPrivateTargets: true, announceEvents: true });
  await post(telling.url, "2");
  await expect.poll(() => hook.delivered.length).toBe(1);
  expect(hook.envelopes).toMatchObject([
    { "detail-type": "Face Event Recorded", detail: { event: { person: { id: "2" } } } },
  ]);
});

it("private targets are refused unless they are allowed", async () => {
  await setRules("a");
  const server = await serveProcess(data, "--open");
  const body = JSON.stringify({ identity_id: "1", timestamp: 1, want_action: "1002", ext_data: {} });
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body });
  expect((await server.stop()).stderr).toContain(
    '127.0.0.1 is no public address; allow it with \\"allowPrivate\\": true',
  );
  expect(hook.delivered).toEqual([]);
});
