import { expect, it } from "vitest";
import { temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Client } from "../../support/client.ts";
import { type GatepostProcess, startGatepost } from "../../support/gatepost-process.ts";

const month = new Date().toISOString().slice(0, 7);
const people = 20_000;
/** Servers that are killed at most, until one is killed while it writes. */
const kills = 5;

interface Answer {
  status: number;
  rev: number;
  days: unknown[];
}

it("a roster is written at once after kill -9 in the middle of another writing", { timeout: 300_000 }, async () => {
  const folder = await temporaryFolder();
  const ask = async (server: GatepostProcess, path: string, method = "GET", body?: object): Promise<Answer> => {
    const headers = { authorization: `Bearer ${server.admin}`, "content-type": "application/json" };
    const answer = await fetch(`${server.url}/v1/${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, ...((await answer.json()) as Omit<Answer, "status">) };
  };
  const rosterOf = (server: GatepostProcess) => ask(server, `rosters/hq/${month}`);
  let wasCut = false;
  for (let kill = 1; kill <= kills && !wasCut; kill++) {
    const server = await startGatepost(folder.path);
    await new Client(server).createKey("gate-1");
    expect((await ask(server, "boxes/gate-1", "PATCH", { site: "hq" })).status).toBe(200);
    const { rev } = await rosterOf(server);
    const days = Array.from({ length: people }, (_, n) => ({
      library: "gate-1",
      id: `${kill} ${n}`,
      day: `${month}-01`,
    }));
    const body = { rev, days: days.map((day) => ({ ...day, schedule: null })) };
    let isOver = false;
    const writing = ask(server, `rosters/hq/${month}`, "PATCH", body).then(
      () => false,
      () => true,
    );
    void writing.finally(() => (isOver = true));
    while (!isOver && (await rosterOf(server)).days.length === 0);
    await server.kill();
    wasCut = await writing;
    const after = await startGatepost(folder.path);
    const read = await rosterOf(after);
    expect(read.rev).toBe(rev + 1);
    const stale = await ask(after, `rosters/hq/${month}`, "PATCH", body);
    expect(stale.status).toBe(409);
    const day = { library: "gate-1", id: "next", day: `${month}-02`, schedule: null };
    expect(await ask(after, `rosters/hq/${month}`, "PATCH", { rev: read.rev, days: [day] })).toMatchObject({
      status: 200,
      rev: rev + 2,
    });
    expect(await ask(after, `rosters/hq/${month}`, "PUT", { rev: rev + 2, days: [] })).toMatchObject({ status: 200 });
    await after.stop();
  }
  expect(wasCut).toBe(true);
  await folder.remove();
});
