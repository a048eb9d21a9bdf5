import { DatabaseSync } from "node:sqlite";
import { parseStored } from "@gatepost/protocol";
import * as z from "zod";
import { addFunctions } from "./functions.ts";
import { schema } from "./schema.ts";

const schemaRow = z.object({ name: z.string(), sql: z.string().nullable() });

/** A database has other tables, views, indexes or triggers than this version makes: what it does with rows is not known. */
export class OtherSchema extends Error {
  override readonly name = "OtherSchema";

  /** As `schemaDifference` returns it. */
  readonly difference: string;

  constructor(difference: string) {
    super(`its database ${difference}: restore a backup into an empty folder`);
    this.difference = difference;
  }
}

/** The definitions of a new database. It takes all steps to know them, some 20 ms. */
let ofNew: ReadonlyMap<string, string> | undefined;

/**
 * The first table, view, index or trigger of an upgraded database that is not as this version makes it, as a part of a
 * sentence; null if there is none. The text of each definition is compared, without comments, blanks and quotes of
 * names.
 */
export function schemaDifference(database: DatabaseSync): string | null {
  ofNew ??= definitionsOfNew();
  const [expected, found] = [ofNew, definitionsIn(database)];
  for (const [name, sql] of found) {
    const expectedSql = expected.get(name);
    if (expectedSql === undefined) return `has an unknown object: ${name}`;
    if (expectedSql !== sql && normalised(expectedSql) !== normalised(sql))
      return `has another ${name} than Gatepost makes`;
  }
  const lacking = [...expected.keys()].find((name) => !found.has(name));
  return lacking === undefined ? null : `lacks ${lacking}`;
}

/** Throws OtherSchema if an upgraded database is not as this version makes it. */
export function requireOwnSchema(database: DatabaseSync): void {
  const difference = schemaDifference(database);
  if (difference !== null) throw new OtherSchema(difference);
}

function definitionsOfNew(): ReadonlyMap<string, string> {
  using database = new DatabaseSync(":memory:");
  addFunctions(database);
  database.exec(schema.steps.join("\n;"));
  return definitionsIn(database);
}

/** The definitions of tables, indexes and triggers by their names, as `trigger texts_go_with_events of events`. */
function definitionsIn(database: DatabaseSync): Map<string, string> {
  // SQLite makes its statistics when it likes.
  const rows = database
    .prepare(
      `SELECT type || ' ' || name || ' of ' || tbl_name AS name, sql FROM sqlite_schema
       WHERE name NOT LIKE 'sqlite_stat%'`,
    )
    .all()
    .map((row) => parseStored(schemaRow, row, "sqlite_schema"));
  return new Map(rows.map(({ name, sql }) => [name, sql ?? ""]));
}

/** Texts in quotes, names in quotes, comments, blanks, and everything else by the character. */
const tokens = /'(?:[^']|'')*'|"((?:[^"]|"")*)"|--[^\n]*|\/\*[\s\S]*?\*\/|\s+|[\w$]+|./gs;

/** Versions of SQLite rename tables with other quotes and blanks. */
function normalised(sql: string): string {
  const words = Array.from(sql.matchAll(tokens), ([token, quoted]) => {
    if (quoted !== undefined) return quoted;
    return /^(?:--|\/\*|\s)/.test(token) ? "" : token;
  });
  return words.filter((word) => word !== "").join(" ");
}
