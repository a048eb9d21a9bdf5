import { mkdir } from "node:fs/promises";
import { expect, it } from "vitest";
import { bin } from "../../support/command.ts";
import { dataFolder, ending, gatepost, gatepostJson, launch, serve } from "./support.ts";

interface Listed {
  actions: { id: string; state: string; approval: { name: string; boxes: { box: string; state: string }[] } | null }[];
}

const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from("face"), Buffer.from([0xff, 0xd9])]);

/** A server with one stranger whom the box `open` asks to register. */
async function asked() {
  const data = await dataFolder();
  await mkdir(data);
  const server = await serve(data, { open: true });
  const ext_data = { person_type: 4, recognize_face: jpeg.toString("base64") };
  const body = { identity_id: "1566016554.02", timestamp: 1_793_851_200_000, want_action: "1001", ext_data };
  await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(body) });
  const list = (...more: string[]) => gatepostJson<Listed>("actions", "list", ...more, "--data", data);
  await expect.poll(async () => (await list("--state", "announced")).actions.length).toBe(1);
  const [action] = (await list()).actions;
  return { data, list, id: action?.id ?? "", run: (...args: string[]) => gatepost("actions", ...args, "--data", data) };
}

it("actions are approved, listed and undone beside a server", async () => {
  const { list, id, run } = await asked();
  expect((await list("--approved")).actions).toEqual([]);
  const approved = await run("approve", id, "--name", "小明", "--type", "vip", "--group", "staff");
  expect([approved.code, approved.stdout]).toEqual([
    0,
    "Approved for 小明, vip, staff at open. The bridge of these boxes does it.\n",
  ]);
  expect((await list("--approved")).actions).toMatchObject([
    { id, state: "announced", approval: { name: "小明", boxes: [{ box: "open", state: "waiting" }] } },
  ]);
  const undone = await run("undo", id);
  expect([undone.code, undone.stdout]).toEqual([
    0,
    "To be undone for 小明, vip, staff at open. The bridge of these boxes does it.\n",
  ]);
  expect((await run("list", "--approved")).stdout).toMatch(/undo: open waiting/);
});

it("impossible approvals are refused with a reason and the exit code of its kind", async () => {
  const { id, run } = await asked();
  expect(await run("approve", id)).toMatchObject({ code: 2, stderr: expect.stringContaining("give a name") });
  expect(await run("approve", id, "--name", "x", "--site", "--all")).toMatchObject({ code: 2 });
  expect(await run("approve", id, "--name", "x", "--type", "stranger")).toMatchObject({ code: 2 });
  expect(await run("approve", id, "--name", "x", "--type", "vip", "--box", "nowhere")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("there is no box nowhere"),
  });
  expect(await run("approve", "act_none", "--name", "x")).toMatchObject({ code: 1 });
  expect(await run("undo", id)).toMatchObject({ code: 1, stderr: expect.stringContaining("nothing to undo") });
});

it("`demo --loop` closes the loop on a box of each generation, from stranger to greeting", {
  timeout: 120_000,
}, async () => {
  const child = launch([bin, "demo", "--loop", "--port", "0"]);
  const ended = ending(child);
  let stdout = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  await expect.poll(() => stdout).toContain("The loop is closed on all four generations.");
  const greeted = stdout.match(/^gate-\w+ \((\w+)\): .* Hello, .+!$/gm);
  expect(greeted).toHaveLength(4);
  const [, url] = /^listening on (\S+)$/m.exec(stdout) ?? [];
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  child.kill("SIGINT");
  expect((await ended).code).toBe(0);
});
