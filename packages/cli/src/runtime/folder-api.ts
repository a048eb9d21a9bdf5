import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@gatepost/core/log";
import { DataDirLocked, openRuntime, type Runtime } from "@gatepost/embedded";
import type { Connection } from "../connection.ts";
import { Failure, sayWhy } from "../failure.ts";
import { remote } from "../remote.ts";
import { usualAddress } from "../urls.ts";
import { dataFailure } from "./data-failure.ts";
import { existingFolder, nameFolder } from "./data-folder.ts";
import { findAnswering } from "./running.ts";

/** ms within which another process must leave the folder, or its server must answer. */
const timeoutMs = 10_000;
/** ms between two tries to get at the folder. */
const pauseMs = 100;

/** Opens the API of an existing data folder: through the server that runs on it, or directly. */
export async function openFolderApi(asked: string): Promise<Connection> {
  const data = existingFolder(asked);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const failures: unknown[] = [];
    try {
      // Nothing is delivered from here, and only the server knows its options, so no rule is faulted for them.
      const bus = { allowPrivateTargets: true, announceEvents: true };
      const runtime = await openRuntime({ data, log: failureLog(failures), bus });
      nameFolder(data);
      return onRuntime(runtime, failures);
    } catch (error) {
      if (!(error instanceof DataDirLocked)) throw dataFailure(error, data);
      const server = await findAnswering(data);
      if (server !== null) {
        nameFolder(data);
        return remote(server);
      }
      if (performance.now() > deadline) throw error;
    }
    await sleep(pauseMs);
  }
}

/**
 * The API of a runtime in this process.
 *
 * @param failures what the runtime has logged as errors. The user has no log to look into, so the first one is thrown
 */
function onRuntime(runtime: Runtime, failures: readonly unknown[] = []): Connection {
  const headers = { authorization: `Bearer ${runtime.adminToken}` };
  return {
    async fetch(path, request) {
      const answer = await runtime.api.request(path, { ...request, headers });
      if (failures.length > 0) throw new Failure(sayWhy(failures[0]), { cause: failures[0] });
      return answer;
    },
    place: runtime.folder.path,
    publicUrl: usualAddress(),
    url: null,
    close: () => runtime.close(),
  };
}

function failureLog(failures: unknown[]): Log {
  return { info() {}, warn() {}, error: (message, facts) => void failures.push(facts?.["cause"] ?? message) };
}
