import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { doJobs } from "../../support/memory/jobs.ts";
import { addAccount, signedIn } from "./people.ts";
import { passing, runtime, type TestRuntime } from "./support.ts";

let deps: TestRuntime;
beforeEach(async () => {
  deps = await runtime();
  await deps.deps.sites.put("hq", { zone: "Asia/Shanghai" });
  await deps.deps.boxes.writer.set("gate-1", { site: "hq" });
});

const at = (time: string) => Date.parse(`2026-11-${time.replace(" ", "T")}:00+08:00`);

async function pass(id: string, time: string, name = `P${id}`) {
  const timestamp = at(time);
  const body = passing({ identity_id: id, identity_name: name, group_name: "Office", timestamp });
  await deps.deliver(body, { receivedAt: timestamp + 500 });
}

const create = (body: object, token = deps.tokens.admin, headers: Record<string, string> = {}) =>
  deps.ask("/v1/jobs", { method: "POST", token, headers, body: JSON.stringify({ kind: "export", ...body }) });

/** Does an export in small slices. */
async function exported(
  body: object,
  limits = { events: 1, records: 1, bytes: 1 },
  headers: Record<string, string> = {},
): Promise<Buffer> {
  const answer = await create(body, deps.tokens.admin, headers);
  const { id, detail } = (await answer.json()) as { id: string; detail?: string };
  expect(detail).toBeUndefined();
  await doJobs(deps.deps, limits);
  const job = (await (await deps.ask(`/v1/jobs/${id}`)).json()) as { reason: string | null; result: { url: string } };
  expect(job.reason).toBeNull();
  const file = await deps.ask(job.result.url, { headers: { authorization: "" } });
  return Buffer.from(await file.arrayBuffer());
}

/** Reads a workbook with Python: the texts, formats and numbers of its cells, row by row. */
const readWorkbook = `import json, sys, zipfile, xml.etree.ElementTree as E
m = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
with zipfile.ZipFile(sys.argv[1]) as z:
    assert z.testzip() is None
    for name in z.namelist(): E.fromstring(z.read(name))
    rows = E.fromstring(z.read("xl/worksheets/sheet1.xml")).iter(m + "row")
    print(json.dumps([[[c.get("r"), c.get("s"), c.findtext(m + "v") or "".join(c.itertext())] for c in r] for r in rows]))`;

async function workbookOf(bytes: Buffer): Promise<[place: string, format: string, value: string][][]> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-xlsx-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, "it.xlsx");
  await writeFile(path, bytes);
  const { stdout, stderr } = spawnSync("python3", ["-c", readWorkbook, path], { encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as [string, string, string][][];
}

const november = { site: "hq", from: "2026-10-30", to: "2026-11-04" };

describe("an export of hours", () => {
  beforeEach(async () => {
    await pass("00042", "02 08:54");
    await pass("00042", "02 17:36");
    await pass("00043", "03 09:00", "=1+1");
    const correction = { library: "gate-1", id: "00042", day: "2026-11-02", kind: "times", in: at("02 08:25") };
    const body = JSON.stringify({ ...correction, reason: "Was at the dock" });
    expect((await deps.ask("/v1/hours/corrections", { method: "POST", body })).status).toBe(201);
  });

  it("has measured and corrected times beside each other as csv", async () => {
    const text = (await exported({ what: "hours", format: "csv", filter: november })).toString();
    const [head = "", ...lines] = text.trim().split("\r\n");
    const titles = head.replace("\uFEFF", "").replaceAll('"', "").split(",");
    const cellsOf = (line: string | undefined) =>
      Object.fromEntries((line ?? "").split(",").map((cell, n) => [titles[n], cell.replaceAll('"', "")]));
    expect(lines).toHaveLength(2);
    expect(cellsOf(lines.find((line) => line.includes("00042")))).toMatchObject({
      site: "hq",
      library: "gate-1",
      id: "00042",
      day: "2026-11-02",
      state: "worked",
      minutes: "551",
      in: "2026-11-02T08:25:00+08:00",
      measuredIn: "2026-11-02T08:54:00+08:00",
      reason: "Was at the dock",
      out: "2026-11-02T17:36:00+08:00",
      correctedIn: "2026-11-02T08:25:00+08:00",
      correctedOut: "",
    });
    expect(text).toContain(`"'=1+1"`);
  });

  it("has ids as text and real local times as xlsx", async () => {
    const rows = await workbookOf(await exported({ what: "hours", format: "xlsx", filter: november }));
    const titles = (rows[0] ?? []).map(([, , title]) => title);
    const cellOf = (row: number, title: string) => {
      const column = titles.indexOf(title);
      return rows[row]?.find(([place]) => place === `${String.fromCharCode(65 + column)}${row + 1}`);
    };
    expect(rows).toHaveLength(3);
    const row = rows.findIndex((cells) => cells.some(([, , value]) => value === "00042"));
    expect(cellOf(row, "id")?.slice(1)).toEqual(["1", "00042"]);
    // Days since the end of 1899, by the clocks of the site.
    const serial = (text: string) => Date.parse(text) / 86_400_000 + 25_569;
    expect(Number(cellOf(row, "in")?.[2])).toBeCloseTo(serial("2026-11-02T08:25:00Z"), 8);
    expect(cellOf(row, "in")?.[1]).toBe("3");
    expect(cellOf(row, "day")?.slice(1)).toEqual(["4", `${serial("2026-11-02")}`]);
    expect(cellOf(row, "minutes")?.[2]).toBe("551");
    expect(rows.flat().find(([, , value]) => value === "=1+1")?.[1]).toBe("1");
  });

  it("is of the people of a group or with such a day alone", async () => {
    const csv = async (filter: object) =>
      (await exported({ what: "hours", format: "csv", filter: { ...november, ...filter } })).toString();
    expect((await csv({ group: "Night" })).trim().split("\r\n")).toHaveLength(1);
    const corrected = await csv({ only: ["corrected"] });
    expect(corrected).toContain("00042");
    expect(corrected).not.toContain("00043");
  });

  it("is refused to a read key that was not made for people", async () => {
    const body = { what: "hours", format: "csv", filter: november };
    expect((await create(body, deps.tokens.read)).status).toBe(403);
    expect((await create({ ...body, what: "people", filter: { site: "hq" } }, deps.tokens.read)).status).toBe(403);
  });

  it.each([
    ["without a site", { from: "2026-11-02", to: "2026-11-04" }],
    ["of a reversed range", { ...november, to: "2026-10-01" }],
    ["of over a year", { ...november, from: "2024-10-01" }],
    ["of a site that has no box", { ...november, site: "elsewhere" }],
    ["of events' filters", { ...november, device: "d" }],
  ])("%s is refused", async (_, filter) => {
    expect((await create({ what: "hours", format: "csv", filter })).status).toBe(400);
  });

  it("has the people of the seen boxes alone in a closed month", async () => {
    await deps.deps.boxes.writer.set("gate-2", { site: "hq" });
    await deps.deliver(passing({ identity_id: "00044", timestamp: at("03 09:00") }), { box: "gate-2" });
    deps.ingest.now = Date.parse("2026-12-02T00:00:00Z");
    const month = JSON.stringify({ site: "hq", month: "2026-11" });
    expect((await deps.ask("/v1/hours/close", { method: "POST", body: month })).status).toBe(200);
    const account = await signedIn(deps, await addAccount(deps, "manager", { boxes: ["gate-1"] }));
    const asked = { what: "hours", format: "csv", filter: november };
    const texts = await Promise.all([exported(asked), exported(asked, undefined, account)]);
    const idsIn = (text: Buffer) => [...new Set(text.toString().match(/0004\d/g))].toSorted();
    expect(texts.map(idsIn)).toEqual([
      ["00042", "00043", "00044"],
      ["00042", "00043"],
    ]);
  });

  it("is removed when anyone is erased", async () => {
    const { id } = (await (await create({ what: "hours", format: "csv", filter: november })).json()) as { id: string };
    await doJobs(deps.deps);
    await deps.ask("/v1/people?id=00043&box=gate-1", { method: "DELETE" });
    const job = (await (await deps.ask(`/v1/jobs/${id}`)).json()) as { state: string };
    expect(job.state).toBe("failed");
  });
});

it("exports people by name with their last passing", async () => {
  await pass("00042", "02 08:54", "刘芳");
  await pass("00043", "03 09:00", "Ada");
  const text = (await exported({ what: "people", format: "csv", filter: { site: "hq" } })).toString();
  const [, ada = "", fang = ""] = text.trim().split("\r\n");
  expect(ada).toContain('"00043","Ada"');
  expect(ada).toContain('"2026-11-03T09:00:00+08:00"');
  expect(fang).toContain('"刘芳","liu fang"');
  const seen = { site: "hq", seenAfter: "2026-11-03T00:00:00+08:00" };
  const recent = (await exported({ what: "people", format: "csv", filter: seen })).toString();
  expect([recent.includes("Ada"), recent.includes("刘芳")]).toEqual([true, false]);
});

it("exports events as xlsx with the times of their sites", async () => {
  await pass("7", "02 08:54", "_x0041_ & <b>");
  await pass("8", "02 08:55");
  const columns = ["time", "person", "name", "score"];
  const rows = await workbookOf(await exported({ format: "xlsx", columns }));
  expect(rows.map((cells) => cells.map(([place]) => place))).toEqual([
    ["A1", "B1", "C1", "D1"],
    ["A2", "B2", "C2", "D2"],
    ["A3", "B3", "C3", "D3"],
  ]);
  expect(rows[2]?.[2]?.[2]).toBe("_x005F_x0041_ & <b>");
  expect(Number(rows[2]?.[0]?.[2]) % 1).toBeCloseTo((8 * 60 + 54) / 1440, 6);
});
