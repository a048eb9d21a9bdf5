import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import type { Query, QueryResult } from "./reader.ts";

/** ms that a query waits while the log is being emptied. */
const lockTimeoutMs = 5000;

/** A separate connection, which only reads; null until the file could be opened. */
let database: DatabaseSync | null = null;

parentPort?.on("message", (message: "close" | Query) => {
  if (message === "close") {
    database?.close();
    parentPort?.close();
    return;
  }
  parentPort?.postMessage(answerTo(message));
});

function answerTo({ sql, values }: Query): QueryResult {
  try {
    database ??= new DatabaseSync(String(workerData), { readOnly: true, timeout: lockTimeoutMs });
    return { rows: database.prepare(sql).all(...values) };
  } catch (error) {
    return { error };
  }
}
