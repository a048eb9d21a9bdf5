import { DatabaseSync } from "node:sqlite";
import * as z from "zod";

/** The rule that announces actions. */
export const rule = "all";

const row = z.object({ entry_id: z.string() });

/** The ids of the entries of the rule in a database, in the order in which they were put; all, or those in a state. */
export function entriesIn(file: string, state: string | null): string[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const found = database.prepare(
      "SELECT entry_id FROM deliveries WHERE rule = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id",
    );
    return found.all(rule, state).map((one) => row.parse(one).entry_id);
  } finally {
    database.close();
  }
}
