import { parseArgs } from "node:util";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { copyRows, eventsSince, missingOthers, others, type Selection } from "./copy-rows.ts";

/*
 * Copies what a restored table lacks out of the old one: docs/operations.md says when. Rows of 400 KB and tables of many
 * millions of rows are too much for a command of the shell for each.
 */

const usage =
  "node scripts/restore/main.ts --from TABLE --to TABLE-restored (--others | --missing-others | --events-since INSTANT)";

function selectionOf(given: { others: boolean; missing: boolean; since: string | undefined }): Selection | null {
  const wanted: Selection[] = [];
  if (given.others) wanted.push(others);
  if (given.missing) wanted.push(missingOthers);
  const since = given.since === undefined ? undefined : Date.parse(given.since);
  if (since !== undefined && Number.isNaN(since)) return null;
  if (since !== undefined) wanted.push(eventsSince(since));
  const [only, ...more] = wanted;
  return only === undefined || more.length > 0 ? null : only;
}

const { values } = parseArgs({
  options: {
    from: { type: "string" },
    to: { type: "string" },
    others: { type: "boolean", default: false },
    "missing-others": { type: "boolean", default: false },
    "events-since": { type: "string" },
  },
});
const { from, to } = values;
const selection = selectionOf({
  others: values.others,
  missing: values["missing-others"],
  since: values["events-since"],
});
if (from === undefined || to === undefined || from === to || selection === null) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const client = new DynamoDBClient({ maxAttempts: 10 });
const copied = await copyRows(client, { from, to }, selection, {
  progress: ({ read }) => process.stderr.write(`\r${read} rows`),
  failed: (pk, cause) => process.stderr.write(`\nnot copied: ${pk}: ${cause}\n`),
});
process.stderr.write("\n");
process.stdout.write(`${JSON.stringify(copied)}\n`);
if (copied.failed > 0) process.exitCode = 1;
