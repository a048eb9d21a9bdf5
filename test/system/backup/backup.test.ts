import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { gatepost, gatepostProcess } from "../cli/support.ts";
import { delivered, facesIn, passing, underLoad } from "./delivered.ts";

const { closers } = openedByTests();

it("a backup under load has every report acknowledged before it began", async () => {
  const { folder, data, acknowledged, end } = await underLoad(closers);
  const before = [...acknowledged];
  const { code, stderr } = await gatepostProcess("backup", join(folder, "copy"), "--data", data);
  expect([code, stderr]).toEqual([0, `data folder: ${data}\n`]);
  const restored = await gatepost("restore", join(folder, "copy"), "--data", join(folder, "of-copy"), "--json");
  expect(restored.code, restored.stderr).toBe(0);
  const faces = await facesIn(join(folder, "of-copy"));
  expect(before.filter((face) => !faces.includes(face))).toEqual([]);
  expect(new Set(faces).size).toBe(faces.length);
  expect(JSON.parse(restored.stdout)).toMatchObject({ events: faces.length, pictures: faces.length, missing: [] });
  await end();
});

it("a backup within the data folder is made, with a warning of its loss", async () => {
  const { folder, data } = await delivered(closers);
  const said = "! this backup is within the data folder and is lost with it: make one elsewhere, too\n";
  const within = await gatepost("backup", join(data, "copy"), "--data", data);
  expect(within).toMatchObject({ code: 0, stderr: `data folder: ${data}\n${said}` });
  expect((await gatepost("backup", join(folder, "data-copy"), "--data", data)).stderr).not.toContain(said);
});

it("the doctor examines a served store, and repairs a stopped one", async () => {
  const { data, server, end } = await underLoad(closers);
  await end();
  await rm(join(data, "first-keys.json"));
  const beside = await gatepost("doctor", "--data", data, "--deep", "--json");
  expect([beside.code, beside.stderr]).toEqual([0, `data folder: ${data}\n`]);
  expect((await gatepost("doctor", "--data", data, "--repair")).stderr).toMatch(/another Gatepost uses/);
  await server.stop();
  await chmod(join(data, "gatepost.db"), 0o644);
  const wrong = await gatepost("doctor", "--data", data);
  expect([wrong.code, wrong.stderr.split("\n").at(1)]).toEqual([1, "gatepost: one thing is wrong"]);
  expect(wrong.stdout).toMatch(
    /^! permissions +.*gatepost\.db may be read by other users: `gatepost doctor --repair --data [^`]+`$/m,
  );
  expect((await gatepost("doctor", "--data", data, "--repair")).code).toBe(0);
});

it("commands say in one line what is wrong", async () => {
  const { path, remove } = await temporaryFolder();
  closers.push(remove);
  await writeFile(join(path, "text"), "no backup");
  for (const [args, said] of [
    [["backup", join(path, "copy"), "--data", join(path, "none")], /^gatepost: no Gatepost in /],
    [["restore", join(path, "none"), "--data", join(path, "data")], /gatepost: there is nothing at /],
    [
      ["restore", join(path, "text"), "--data", join(path, "data")],
      /gatepost: .*text is a file, and a backup is a folder: /,
    ],
    [["restore", join(path, "text"), "--data", path], /gatepost: .* is not empty/],
  ] as const) {
    const { code, stdout, stderr } = await gatepost(...args);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(said);
  }
});

const feedPage = z.object({ events: z.array(z.object({ person: z.object({ id: z.string() }) })), next: z.string() });

/** The persons of the feed of changes after a cursor, and the cursor of its end. */
async function follow(client: Client, after?: string): Promise<{ persons: string[]; next: string }> {
  const query = after === undefined ? "" : `&after=${encodeURIComponent(after)}`;
  const answer = await client.get(`/v1/events?order=received${query}`);
  const { events, next } = feedPage.parse(await answer.json());
  return { persons: events.map(({ person }) => person.id), next };
}

it("a restored store gives new events to a reader with a newer cursor", async () => {
  const folder = await temporaryFolder();
  closers.push(folder.remove);
  const [data, copy, again] = [join(folder.path, "data"), join(folder.path, "copy"), join(folder.path, "again")];
  const first = await startGatepost(data);
  closers.push(() => first.stop());
  const client = new Client(first);
  const { token } = await client.createKey("gate-1");
  expect((await gatepostProcess("backup", copy, "--data", data)).code).toBe(0);
  await first.stop();
  // Each start gives new numbers: the restored store must not give the numbers of this start again.
  const server = await startGatepost(data);
  closers.push(() => server.stop());
  for (const number of [1, 2]) await new Box(server.url, token).post("/HistoryEvent", passing(number).body);
  const before = await follow(new Client(server));
  expect(before.persons).toEqual(["person 1", "person 2"]);
  await server.stop();
  expect((await gatepost("restore", copy, "--data", again, "--json")).code).toBe(0);
  const restored = await startGatepost(again);
  closers.push(() => restored.stop());
  for (const number of [3, 4]) await new Box(restored.url, token).post("/HistoryEvent", passing(number).body);
  expect((await follow(new Client(restored), before.next)).persons).toEqual(["person 3", "person 4"]);
});
