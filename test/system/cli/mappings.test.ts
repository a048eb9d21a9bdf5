import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dataFolder, gatepost, gatepostJson, serve } from "./support.ts";

const report = {
  type: "verify",
  deviceId: "N1",
  record: { verifyTime: "2026-11-20 08:00:05", personCode: "E-77", personName: "Ada Low", score: 96.5 },
};

interface Draft {
  name: string;
  fields: Record<string, object>;
}

describe("mappings on the command line", () => {
  it.each(["folder", "url"])("are suggested, tried, saved, changed and removed: %s", async (kind) => {
    const data = await dataFolder();
    const server = await serve(data, { open: true });
    for (const body of [JSON.stringify(report), '{"type":"heartBeat","deviceId":"N1"}'])
      expect((await fetch(`${server.url}/HistoryEvent`, { method: "POST", body })).status).toBe(200);
    const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "admin", "--data", data);
    const at = kind === "folder" ? ["--data", data] : ["--url", server.url, "--token", token];
    const { records } = await gatepostJson<{ records: { id: string }[] }>("quarantine", "list", ...at);
    const ids = records.map(({ id }) => id);

    const { stdout } = await gatepost("mappings", "suggest", ...ids, ...at);
    const draft: Draft = JSON.parse(stdout);
    expect(draft).toMatchObject({
      name: "verify",
      when: { is: { type: "verify" } },
      fields: {
        time: { at: "record.verifyTime", as: "YYYY-MM-DD HH:mm:ss" },
        "person.id": { at: "record.personCode" },
      },
      signs: [{ sign: "heartbeat" }],
    });
    const time = { ...draft.fields["time"], zone: "Asia/Shanghai" };
    const file = join(data, "..", "mapping.json");
    const write = (mapping: object) => writeFile(file, JSON.stringify(mapping));
    await write({ ...draft, name: "North", fields: { ...draft.fields, time } });

    const tried = await gatepost("mappings", "try", file, ...ids.flatMap((id) => ["--record", id]), ...at);
    expect(tried.stdout).toMatch(/^qrt_\w+: event 2026-11-20T00:00:05\.000Z {2}open .* E-77 +Ada Low .* evt_\w+$/m);
    expect(tried.stdout).toMatch(/^qrt_\w+: sign of life \(heartbeat\)$/m);
    const body = join(data, "..", "body");
    await writeFile(body, '{"type":"door"}');
    expect((await gatepost("mappings", "try", file, "--body", body, ...at)).stdout).toBe(
      'body: no event (when.is["type"]): type is "door"; it must be "verify"\n',
    );
    await writeFile(body, "{");
    expect((await gatepost("mappings", "try", file, "--body", body, ...at)).stdout).toMatch(
      /^body: no event \(not-json\): /,
    );

    const saved = await gatepostJson<{ id: string; rev: number }>("mappings", "put", file, ...at);
    expect(saved).toMatchObject({ name: "North", rev: 1 });
    expect((await gatepost("mappings", "list", ...at)).stdout).toMatch(/^North +open +on +0 +- +map_\w+$/m);
    const shown = await gatepost("mappings", "show", saved.id, ...at);
    await write({ ...JSON.parse(shown.stdout), name: "South" });
    expect((await gatepost("mappings", "put", file, ...at)).stdout).toBe(`${saved.id} (South) is saved.\n`);
    const again = await gatepost("mappings", "put", file, ...at);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("another caller has changed this mapping")]);
    expect((await gatepost("mappings", "remove", saved.id, ...at)).stdout).toBe(`${saved.id} is removed.\n`);
    expect(await gatepostJson("mappings", "list", ...at)).toEqual({ mappings: [] });
    await server.stop();
  });

  it.each(["folder", "url"])("are undone by a job, whose result is given again: %s", async (kind) => {
    const data = await dataFolder();
    const server = await serve(data, { open: true });
    expect((await fetch(`${server.url}/HistoryEvent`, { method: "POST", body: JSON.stringify(report) })).status).toBe(
      200,
    );
    const { token } = await gatepostJson<{ token: string }>("keys", "create", "--scope", "admin", "--data", data);
    const at = kind === "folder" ? ["--data", data] : ["--url", server.url, "--token", token];
    const { records } = await gatepostJson<{ records: { id: string }[] }>("quarantine", "list", ...at);
    const file = join(data, "..", "mapping.json");
    await writeFile(file, (await gatepost("mappings", "suggest", ...records.map(({ id }) => id), ...at)).stdout);
    const { id } = await gatepostJson<{ id: string }>("mappings", "put", file, ...at);
    await gatepost("quarantine", "replay", "--all", ...at);
    const planned = await gatepost("mappings", "undo", id, ...at);
    expect(planned.code).toBe(2);
    expect(planned.stderr).toMatch(/^1 event would be erased, 1 report back in quarantine\n.*give --yes to undo it$/m);
    const first = await gatepost("mappings", "undo", id, "--yes", ...at);
    expect(first.stdout).toBe("1 event erased, 1 report back in quarantine\n");
    expect(await gatepostJson("mappings", "list", ...at)).toEqual({ mappings: [] });
    expect((await gatepost("mappings", "undo", id, "--yes", ...at)).stdout).toBe(first.stdout);
    const unknown = await gatepost("mappings", "undo", "map_000000000000000000", "--yes", ...at);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("there is no such mapping")]);
    await server.stop();
  });

  it("are refused with the file, the member, or the missing option", async () => {
    const data = await dataFolder();
    const server = await serve(data);
    const file = join(data, "..", "mapping.json");
    const why = async (...args: string[]) => (await gatepost("mappings", ...args, "--data", data)).stderr;
    expect(await why("put", join(data, "none.json"))).toContain("cannot read");
    await writeFile(file, "[]");
    expect(await why("put", file)).toContain("is no mapping: it must be a JSON object");
    await writeFile(file, '{"name":"A","when":{"is":{"a":1}},"fields":{"time":{"at":"a","as":"YY"}}}');
    expect(await why("put", file)).toMatch(/fields\.time\.as.*must be one of auto/);
    expect(await why("try", file)).toContain("give --record or --body");
    expect(await why("suggest", "qrt_none")).toContain("there is no record qrt_none");
    await server.stop();
  });
});
