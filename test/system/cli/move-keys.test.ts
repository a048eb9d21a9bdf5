import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keysIn } from "../../../packages/cli/src/keys/box-list.ts";
import { history } from "../../support/reports.ts";
import { dataFolder, emptyStore, gatepost, gatepostJson, serve } from "./support.ts";

interface Made {
  id: string;
  token: string;
  box: string | null;
}

const make = (data: string, ...args: string[]) => gatepostJson<Made>("keys", "create", ...args, "--data", data);

async function post(url: string, token: string): Promise<number> {
  const body = JSON.stringify(history({ identity_id: "1", timestamp: Date.now() }));
  return (await fetch(`${url}/${token}/HistoryEvent`, { method: "POST", body })).status;
}

describe("keys that are moved to another Gatepost", () => {
  it("remain valid there, and revoked ones remain revoked", async () => {
    const [here, there] = [await emptyStore(), await dataFolder()];
    const kept = await make(here, "--scope", "ingest", "--box", "gate-1", "--note", "north");
    const revoked = await make(here, "--scope", "ingest", "--box", "gate-2");
    await gatepost("keys", "revoke", revoked.id, "--data", here);
    const { stdout } = await gatepost("keys", "export", "--data", here);
    expect(stdout).not.toMatch(/gp[irao]_/);
    const file = join(there, "..", `${kept.id}.json`);
    await writeFile(file, stdout);
    const { url } = await serve(there);
    expect([await post(url, kept.token), await post(url, revoked.token)]).toEqual([401, 401]);
    const moved = await gatepostJson("keys", "import", file, "--data", there);
    expect(moved).toEqual({ made: 2, known: 0, conflicts: [] });
    expect([await post(url, kept.token), await post(url, revoked.token)]).toEqual([200, 401]);
    expect(await gatepostJson("keys", "import", file, "--data", there)).toMatchObject({ made: 0, known: 2 });
    const { keys } = await gatepostJson<{ keys: object[] }>("keys", "list", "--data", there);
    expect(keys).toContainEqual(expect.objectContaining({ id: kept.id, box: "gate-1", note: "north" }));
  });

  it("are refused if the file has no keys", async () => {
    const data = await emptyStore();
    const file = join(data, "..", "no-keys.json");
    await writeFile(file, '{"keys":[{"id":"key_1"}]}');
    expect(await gatepost("keys", "import", file, "--data", data)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is not the output of keys export"),
    });
    expect(await gatepost("keys", "import", `${file}.none`, "--data", data)).toMatchObject({
      stderr: expect.stringContaining("could not read"),
    });
  });
});

describe("keys for a list of boxes", () => {
  it("are made one for each, and printed with their tokens", async () => {
    const data = await dataFolder();
    const { url } = await serve(data);
    const file = join(data, "..", "boxes.csv");
    await writeFile(file, '\ufeffnote,box\r\n"north, left",gate-8\r\n\r\n,gate-9\r\n');
    const { stdout } = await gatepost("keys", "create", "--scope", "ingest", "--from", file, "--data", data);
    const [title, ...rows] = stdout.trim().split("\n");
    expect(title).toBe("box,id,token");
    expect(rows.map((row) => row.split(",")[0])).toEqual(["gate-8", "gate-9"]);
    for (const row of rows) expect(await post(url, row.split(",")[2] ?? "")).toBe(200);
    const { keys } = await gatepostJson<{ keys: object[] }>("keys", "list", "--data", data);
    expect(keys).toContainEqual(expect.objectContaining({ box: "gate-8", note: "north, left" }));
  });

  it("stop at a refused one, and name it", async () => {
    const data = await emptyStore();
    const file = join(data, "..", "boxes.csv");
    await writeFile(file, "box\ngate-1\n?\n");
    const { code, stdout, stderr } = await gatepost(
      "keys",
      "create",
      "--scope",
      "ingest",
      "--from",
      file,
      "--data",
      data,
    );
    expect([code, stdout.trim().split("\n").length]).toEqual([1, 2]);
    expect(stderr).toContain("1 of 2 keys were made, the next is ?");
  });

  it.each([
    ["note\nx\n", "the first line must name a column box"],
    ["box,token\n", "there is no column token; columns: box, note, serial"],
    ["box\ngate-1\ngate-1\n", "row 3 names gate-1 again"],
    ["box,note\n,x\n", "row 2 names no box"],
    ['box,note\ngate-1,"x\n', "row 2 has a quote that does not end"],
  ])("are refused of the list %j", (text, why) => {
    expect(() => keysIn(text)).toThrow(why);
  });

  it("have the note and the serials of their row", () => {
    expect(keysIn('box,serial,note\r\n gate-1 ,"A1B2 C3D4","say ""in"""\r\ngate-2,,\r\n')).toEqual([
      { scope: "ingest", box: "gate-1", serials: ["A1B2", "C3D4"], note: 'say "in"' },
      { scope: "ingest", box: "gate-2" },
    ]);
  });
});
