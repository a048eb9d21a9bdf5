import type { QuarantineGroup } from "@gatepost/client";
import { saveFile } from "../parts/save-file.ts";
import { gatepost } from "../state/session.ts";

/** Most reports of a file, and about the most bytes: it is put together in the memory of the browser. */
const maxReports = 500;
const maxBytes = 100_000_000;

const pageSize = 50;

/**
 * Saves the newest reports of some groups as JSON, one a line, each as it was received. Returns how many there are in the
 * file: reports that are too long for an answer are left out.
 *
 * @param told gets how many are read
 */
export async function saveGroups(groups: readonly QuarantineGroup[], told: (read: number) => void): Promise<number> {
  const lines: string[] = [];
  let bytes = 0;
  for (const group of groups) {
    for await (const id of idsIn(group)) {
      if (lines.length === maxReports || bytes > maxBytes) break;
      const record = await gatepost().ask("GET /v1/quarantine/{id}", { path: { id } });
      if (record.bodyLink !== undefined) continue;
      lines.push(`${JSON.stringify(record)}\n`);
      bytes += record.bytes;
      told(lines.length);
    }
  }
  saveFile("quarantine.ndjson", new Blob(lines, { type: "application/x-ndjson" }));
  return lines.length;
}

async function* idsIn({ reason, box, path }: QuarantineGroup): AsyncGenerator<string> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { reason, box, path, limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
    const { records, next } = await gatepost().ask("GET /v1/quarantine", { query });
    for (const { id } of records) yield id;
    cursor = next;
  }
}
