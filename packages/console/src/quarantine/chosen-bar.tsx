import type { QuarantineGroup } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { Button } from "../parts/button.tsx";
import { ChosenRows } from "../parts/chosen-rows.ts";
import { Many } from "../parts/many.tsx";
import { saveFile } from "../parts/save-file.ts";
import { attempt } from "../state/failure.ts";
import { say } from "../state/notice.ts";
import { isAdmin } from "../state/role.ts";
import { gatepost } from "../state/session.ts";
import { words } from "../words/index.ts";
import { totalOf } from "./records.ts";
import { replay } from "./replay.tsx";

/** Replays or saves the reports of the chosen groups. */
export function ChosenGroupsBar({ onReplayed }: { onReplayed(): void }) {
  const { problems: w, events } = words.value;
  const groups = chosenGroups.all;
  /** How many of all are done; null while nothing is under way. */
  const done = useSignal<number | null>(null);
  const count = totalOf(groups);
  const run = async (act: () => Promise<void>) => {
    done.value = 0;
    await attempt(act);
    done.value = null;
  };
  const replayAll = () =>
    run(async () => {
      for (const { reason, box, path, count: reports } of groups) {
        await replay({ reason, box, path });
        done.value = (done.value ?? 0) + reports;
      }
      chosenGroups.clear();
      onReplayed();
    });
  const save = () =>
    run(async () => {
      const saved = await saveGroups(groups, (read) => (done.value = read));
      if (saved < count) say(w.savedSome(saved, count));
    });
  if (done.value !== null) {
    return (
      <Many count={groups.length} onClear={() => chosenGroups.clear()}>
        <span role="status">{w.doneOf(done.value, count)}</span>
      </Many>
    );
  }
  return (
    <Many count={groups.length} onClear={() => chosenGroups.clear()}>
      {isAdmin.value ? (
        <Button look="main" icon="replay" onClick={() => void replayAll()}>
          {w.replayEverything(count)}
        </Button>
      ) : null}
      <Button icon="download" onClick={() => void save()}>
        {events.export}
      </Button>
    </Many>
  );
}

/** A group of reports by its name: the fault, the box and the path. */
export type NamedGroup = QuarantineGroup & { id: string };

/** The groups that the user has chosen, to replay or export them together. */
export const chosenGroups = new ChosenRows<NamedGroup>();

export function named(group: QuarantineGroup): NamedGroup {
  return { ...group, id: `${group.reason} ${group.box} ${group.path}` };
}

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
async function saveGroups(groups: readonly QuarantineGroup[], told: (read: number) => void): Promise<number> {
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
