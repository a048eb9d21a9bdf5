import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { itemSize } from "../../../prove/simulation/aws/item-size.ts";
import type { Table } from "../../../prove/simulation/aws/table.ts";

type Row = Record<string, AttributeValue>;

const [readUnit, writeUnit] = [4096, 1024];

/** Read units of rows, each asked for by its key. Where they are read consistently they are whole ones. */
export function unitsOfRows(rows: readonly Row[], isConsistent: boolean): number {
  const units = rows.reduce((sum, row) => sum + Math.ceil(itemSize(row) / readUnit), 0);
  return isConsistent ? units : units / 2;
}

/** Read units of a page of an index. DynamoDB Local asks nothing for an empty one. */
export function unitsOfPage(rows: readonly Row[]): number {
  const bytes = rows.reduce((sum, row) => sum + itemSize(row), 0);
  return Math.ceil(bytes / readUnit) / 2;
}

/** Write units of a change: of the row, and of each index entry that is added, removed or moved, which is both. */
export function unitsOfWrite(table: Table, pk: string, before: Row | undefined, after: Row | undefined): number {
  const bytes = Math.max(...[before, after].map((row) => (row === undefined ? 0 : itemSize(row))));
  const [were, are] = [table.entriesOf(pk, before), table.entriesOf(pk, after)];
  let units = Math.max(1, Math.ceil(bytes / writeUnit));
  for (const name of new Set([...were.keys(), ...are.keys()])) {
    const [was, is] = [were.get(name), are.get(name)];
    if (was?.hash === is?.hash && was?.range === is?.range) continue;
    units += Number(was !== undefined) + Number(is !== undefined);
  }
  return units;
}
