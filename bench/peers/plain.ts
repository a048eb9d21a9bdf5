import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/*
 * A receiver that a programmer writes in an afternoon: each picture becomes a file and each report a row. Nothing is
 * checked. By default nothing is synced: what it has acknowledged is lost when the power fails.
 */
const [data = "", synchronous = "OFF"] = process.argv.slice(2);
mkdirSync(join(data, "pictures"));
const database = new DatabaseSync(join(data, "plain.db"));
database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous};
  CREATE TABLE reports (id INTEGER PRIMARY KEY, person TEXT, time INTEGER, pictures TEXT, report TEXT)`);
const insert = database.prepare("INSERT INTO reports (person, time, pictures, report) VALUES (?, ?, ?, ?)");

interface Report extends Record<string, unknown> {
  identity_id: string;
  timestamp: number;
  ext_data: Record<string, unknown>;
}

const server = createServer(async (request, response) => {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    await store(JSON.parse(Buffer.concat(chunks).toString()));
    response.setHeader("content-type", "application/json");
    response.end('{"message":"SUCCESS","status":0}');
  } catch {
    response.writeHead(500).end();
  }
});

async function store(report: Report): Promise<void> {
  const pictures = [
    take(report, "reg_pic"),
    take(report.ext_data, "spot_pic"),
    take(report.ext_data, "recognize_face"),
  ];
  const names = await Promise.all(pictures.filter((picture) => picture !== null).map(keep));
  insert.run(report.identity_id, report.timestamp, JSON.stringify(names), JSON.stringify(report));
}

function take(from: Record<string, unknown>, name: string): Buffer | null {
  const text = from[name];
  delete from[name];
  return typeof text === "string" ? Buffer.from(text, "base64") : null;
}

async function keep(picture: Buffer): Promise<string> {
  const name = `${createHash("sha256").update(picture).digest("hex")}.jpg`;
  await writeFile(join(data, "pictures", name), picture);
  return name;
}

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
