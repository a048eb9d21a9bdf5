import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";

/* A separate connection to the database, which only copies. It answers with null, or with the failure. */
const file = pathToFileURL(String(workerData));
// Does not create the file again if it was removed.
file.search = "mode=rw";
const database = new DatabaseSync(file);
const copy = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");

parentPort?.on("message", (message: "copy" | "close") => {
  if (message === "close") {
    database.close();
    parentPort?.close();
    return;
  }
  try {
    copy.get();
    parentPort?.postMessage(null);
  } catch (error) {
    parentPort?.postMessage(error);
  }
});
