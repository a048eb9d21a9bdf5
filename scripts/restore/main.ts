import { readFile } from "node:fs/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { optionsOf } from "../called.ts";
import { copyRows, eventsSince, missingOthers, others, type Selection } from "./copy-rows.ts";
import { goneRows, isInUse, removeRows } from "./gone.ts";
import { timeOf } from "./instant.ts";

/*
 * Copies what a restored table lacks out of the old one, and removes from it what the old one has not any more:
 * docs/aws.md says when. Rows of 400 KB and tables of many millions of rows are too much for a command of the shell
 * for each.
 */

const usage =
  "node scripts/restore/main.ts --from TABLE --to TABLE-restored " +
  "(--others | --gone | --remove FILE | --missing-others | --events-since INSTANT), as 2026-11-20T08:00:00Z";

interface Tables {
  from: string;
  to: string;
}

type Task = (client: DynamoDBClient, tables: Tables) => Promise<void>;

async function main(): Promise<void> {
  const values = optionsOf({
    from: { type: "string" },
    to: { type: "string" },
    others: { type: "boolean" },
    gone: { type: "boolean" },
    remove: { type: "string" },
    "missing-others": { type: "boolean" },
    "events-since": { type: "string" },
  });
  const { from, to, ...asked } = values;
  const [named, ...more] = Object.entries(asked);
  const task = named === undefined || more.length > 0 ? null : taskOf(...named);
  if (from === undefined || to === undefined || from === to || task === null) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = 2;
  } else await task(new DynamoDBClient({ maxAttempts: 10 }), { from, to });
}

function taskOf(name: string, value: string | boolean): Task | null {
  const since = name === "events-since" ? timeOf(String(value)) : Number.NaN;
  if (!Number.isNaN(since)) return copying(eventsSince(since));
  if (name === "missing-others") return copying(missingOthers);
  if (name === "others") return beforehand(copying(others));
  if (name === "gone") return beforehand(listGone);
  if (name === "remove") return beforehand((client, tables) => removeNamed(client, tables, String(value)));
  return null;
}

function copying(selection: Selection): Task {
  return async (client, tables) => {
    const copied = await copyRows(client, tables, selection, {
      progress: ({ read }) => process.stderr.write(`\r${read} rows`),
      failed: (pk, cause) => process.stderr.write(`\nnot copied: ${pk}: ${cause}\n`),
    });
    process.stderr.write("\n");
    process.stdout.write(`${JSON.stringify(copied)}\n`);
    if (copied.failed > 0) process.exitCode = 1;
  };
}

/** What makes the restored table as the old one would undo what functions have written to it. */
function beforehand(task: Task): Task {
  return async (client, tables) => {
    if (!(await isInUse(client, tables))) return task(client, tables);
    process.stderr.write(`functions write to ${tables.to} already: this step would undo what they have written\n`);
    process.exitCode = 2;
  };
}

async function listGone(client: DynamoDBClient, tables: Tables): Promise<void> {
  for await (const pk of goneRows(client, tables, Date.now())) process.stdout.write(`${pk}\n`);
}

async function removeNamed(client: DynamoDBClient, tables: Tables, file: string): Promise<void> {
  const keys = (await readFile(file, "utf8")).split("\n").filter((line) => line !== "");
  process.stdout.write(`${JSON.stringify({ removed: await removeRows(client, tables, keys) })}\n`);
}

await main();
