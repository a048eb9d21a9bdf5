import { rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { monthOf } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { bodyOf, listen } from "../../standins/listen.ts";
import { Box, Client } from "../../support/client.ts";
import { bin } from "../../support/command.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { jpeg, photo, sha256 } from "../../support/pictures.ts";
import { history, noon } from "../../support/reports.ts";
import { isLong, isWhole, seeded, seedOfRun } from "../../support/seeded.ts";
import { emptyStore, ending, gatepost, launch, serve } from "../cli/support.ts";

const { closers } = openedByTests();

function passing(number: number) {
  const face = Buffer.concat([jpeg(`face ${number}`), Buffer.alloc(20_000, number)]);
  const facts = { timestamp: noon + number * 1000, identity_id: `person ${number}` };
  return { face: sha256(face), body: history(facts, { recognize_face: face.toString("base64") }) };
}

it.runIf(isWhole)("a killed migration continues under load, until all is moved once and balances", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const [here, there] = [join(folder.path, "here"), join(folder.path, "there")];
  const [source, target] = [await startGatepost(here), await startGatepost(there)];
  closers.push(source.stop, target.stop);
  const { token } = await new Client(source).createKey("gate-1");
  const box = new Box(source.url, token);
  const acknowledged: string[] = [];
  let isOver = false;
  const delivering = (async () => {
    for (let number = 0; !isOver; number++) {
      const { face, body } = passing(number);
      if ((await box.post("/HistoryEvent", body)).status === 200) acknowledged.push(face);
      if (number > 100) await sleep(20);
    }
  })();
  await expect.poll(() => acknowledged.length).toBeGreaterThan(100);
  const args = ["migrate", "--data", here, "--to", target.url, "--token", target.admin];
  const random = seeded(seedOfRun("migrate"));
  for (let kill = 0; kill < (isLong ? 10 : 2); kill++) {
    const migration = launch([bin, ...args]);
    const ended = ending(migration);
    await sleep(500 + random() * 700);
    migration.kill("SIGKILL");
    await ended;
  }
  expect((await gatepost(...args, "--finish")).stderr).toMatch(/another Gatepost uses/);
  const moved = await gatepost(...args, "--json");
  expect(moved.code, moved.stderr).toBe(0);
  isOver = true;
  await delivering;
  // The box delivers there now, by the same key, and repeats its last report.
  const last = passing(acknowledged.length - 1);
  expect((await new Box(target.url, token).post("/HistoryEvent", last.body)).status).toBe(200);
  await source.stop();
  const finished = await gatepost(...args, "--finish", "--json");
  expect(finished.code, finished.stderr).toBe(0);
  const { balance, conflicts } = JSON.parse(finished.stdout);
  expect([balance, conflicts]).toEqual([{ events: acknowledged.length, faults: [], wrong: 0 }, []]);
  const client = new Client(target);
  const events = await client.events();
  expect(events.map((event) => event.pictures.face?.sha256 ?? "").sort()).toEqual([...acknowledged].sort());
  for (const event of events.slice(0, 20))
    expect(sha256(await client.picture(event, "face"))).toBe(event.pictures.face?.sha256);
  const [lost] = events;
  const erased = await fetch(`${target.url}/v1/events/${lost?.id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${target.admin}` },
  });
  expect(erased.status).toBe(204);
  const lacking = await gatepost(...args, "--finish");
  expect([lacking.code, lacking.stdout]).toEqual([1, expect.stringContaining(`\n${lost?.id}: missing\n`)]);
  expect(lacking.stderr).toContain("1 event is not there as here");
});

it("a migration names its obstacles", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const here = join(folder.path, "here");
  const source = await startGatepost(here);
  closers.push(source.stop);
  const to = "http://127.0.0.1:9";
  const noKey = await gatepost("migrate", "--data", here, "--to", to);
  expect([noKey.code, noKey.stderr]).toEqual([2, expect.stringContaining("give an admin key of the other Gatepost")]);
  const wrongKey = await gatepost("migrate", "--data", here, "--to", source.url, "--token", "gpa_no");
  expect(wrongKey.stderr).toMatch(/does not take the key/);
  const typo = await gatepost("migrate", "--data", here, "--to", `${source.url}/x`, "--token", source.admin);
  expect(typo.stderr).toMatch(/no Gatepost has its API at http:\S+\/x, which answers 401/);
  // Neither of them is in its destination.
  const begun = await gatepost("migrate", "--data", here, "--to", source.url, "--token", source.admin);
  expect(begun.code, begun.stderr).toBe(0);
  expect(begun.stderr).toMatch(/^asking http:\S+ to take over new data: 0 events$/m);
  const elsewhere = await gatepost("migrate", "--data", here, "--to", to, "--token", source.admin);
  expect(elsewhere.stderr).toMatch(/the migration that was begun goes to http:/);
  await rm(join(here, "migration.db"));
  using database = new DatabaseSync(join(here, "gatepost.db"));
  database.exec("PRAGMA application_id = 0");
  const earlier = await gatepost("migrate", "--data", here, "--to", to, "--token", source.admin);
  expect([earlier.code, earlier.stderr]).toEqual([
    1,
    expect.stringMatching(
      /here was written by an earlier build: start that build on it, .* `gatepost migrate --data \S+`\n$/,
    ),
  ]);
  expect((await gatepost("migrate", "--data", here, "--to", "ftp://x", "--token", "x")).code).toBe(2);
});

/** A Gatepost that takes everything over, and answers requests for events and for pictures once so many wait. */
async function crowdedTarget(crowd: number) {
  const waiting: Record<"events" | "picture", (() => void)[]> = { events: [], picture: [] };
  const limit = { events: 0, picture: 0 };
  const isOpen = { events: false, picture: false };
  const pictures = new Set<string>();
  const admitted = async (kind: "events" | "picture") => {
    if (isOpen[kind]) return;
    await new Promise<void>((answer) => {
      waiting[kind].push(answer);
      limit[kind] = Math.max(limit[kind], waiting[kind].length);
      if (waiting[kind].length < crowd) return;
      isOpen[kind] = true;
      for (const one of waiting[kind]) one();
    });
  };
  const missingOf = ({ id, reports }: SentEvent) =>
    reports.flatMap(({ report: { kind, receivedAt, pictures: shown = {} } }) =>
      Object.entries(shown).flatMap(([picture, { sha256: hash }]) =>
        pictures.has(hash)
          ? []
          : [{ eventId: id, report: kind, kind: picture, month: monthOf(receivedAt), sha256: hash }],
      ),
    );
  const taken = async (sent: { events?: SentEvent[]; picture?: { sha256: string } }) => {
    if (sent.picture !== undefined) {
      await admitted("picture");
      pictures.add(sent.picture.sha256);
    }
    if (sent.events === undefined) return [{ id: "one", outcome: "put" }];
    await admitted("events");
    return sent.events.map((event) => {
      const missing = missingOf(event);
      return missing.length === 0
        ? { id: event.id, outcome: "created" }
        : { id: event.id, outcome: "pictures", missing };
    });
  };
  const target = await listen(async (request, response) => {
    if (request.method === "GET") return void response.end('{"mappings":[]}');
    const body = JSON.parse((await bodyOf(request)).toString());
    if (request.url === "/v1/imports") response.writeHead(201).end('{"id":"imp_1"}');
    else if (request.url?.endsWith("/end")) response.writeHead(204).end();
    else response.end(JSON.stringify({ taken: await taken(body), held: [] }));
  });
  return { ...target, most: limit, pictures };
}

interface SentEvent {
  id: string;
  reports: { report: { kind: string; receivedAt: number; pictures?: Record<string, { sha256: string }> } }[];
}

it.runIf(isWhole)("a migration has at most a hundred batches and a hundred pictures in progress", async () => {
  const data = await emptyStore();
  const server = await serve(data, { open: true });
  const count = 104 * 25;
  const reports = Array.from({ length: count }, (_, number) =>
    history({ timestamp: noon + number * 1000, identity_id: `${number}` }, { recognize_face: photo(`${number}`) }),
  );
  const sent = await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(reports) });
  expect(sent.status).toBe(200);
  const target = await crowdedTarget(100);
  closers.push(target.close);
  const moved = await gatepost("migrate", "--data", data, "--to", target.url, "--token", "gpa_x", "--json");
  expect(JSON.parse(moved.stdout)).toMatchObject({ events: count, pictures: count });
  expect([target.most, target.pictures.size]).toEqual([{ events: 100, picture: 100 }, count]);
});

it("a migration refuses an endless answer", async () => {
  const data = await emptyStore();
  const endless = await listen((_, response) => {
    const write = () => {
      while (!response.destroyed && response.write(Buffer.alloc(1024 * 1024, 0x20)));
    };
    response.on("drain", write);
    write();
  });
  closers.push(endless.close);
  const { code, stderr } = await gatepost("migrate", "--data", data, "--to", endless.url, "--token", "gpa_x");
  expect([code, stderr]).toEqual([1, expect.stringContaining("something that sends over 16 MB")]);
});

it("a migration is finished beside a server that is stopping", async () => {
  const data = await emptyStore();
  const held = new DatabaseSync(join(data, "lock.db"));
  held.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE");
  const target = await crowdedTarget(1);
  closers.push(target.close);
  const finished = gatepost("migrate", "--data", data, "--to", target.url, "--token", "gpa_x", "--finish", "--json");
  await sleep(1500);
  held.close();
  const { code, stdout } = await finished;
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { balance: { wrong: 0 } }]);
});

it.each([
  [[], "leave its server running until all is sent"],
  [["--finish"], "start its server again, and let it run until all is sent"],
])("a migration %j says how entries that wait are sent", async (finish, advice) => {
  const data = await emptyStore();
  const database = new DatabaseSync(join(data, "gatepost.db"), { enableForeignKeyConstraints: false });
  database.exec("INSERT INTO event_outbox VALUES (1, 1, 0)");
  database.close();
  const target = await crowdedTarget(1);
  closers.push(target.close);
  const args = ["migrate", "--data", data, "--to", target.url, "--token", "gpa_x", ...finish];
  const { stdout } = await gatepost(...args);
  expect(stdout).toContain(`1 entry waits for the rules of this store: ${advice}.`);
});
