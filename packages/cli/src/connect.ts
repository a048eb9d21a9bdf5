import { setTimeout as sleep } from "node:timers/promises";
import { DataDirLocked, openRuntime, type Runtime } from "@gatepost/embedded";
import type { Log } from "@gatepost/ingest";
import { dataFailure } from "./data-failure.ts";
import { existingFolder, nameFolder } from "./data-folder.ts";
import { Failure, sayWhy, WrongUsage } from "./failure.ts";
import type { Target } from "./options.ts";
import { findRunning, type RunningServer } from "./running.ts";
import { usualAddress } from "./urls.ts";

/** A way to the API, wherever it is. */
export interface Connection {
  /** `path` begins with a slash. */
  fetch(path: string, request: { method: string; body: string | null }): Promise<Response>;
  /** Where it is, for a person. */
  place: string;
  /** The address at which boxes reach it, as far as it is known here. */
  publicUrl: string;
  /** The address of its server; null where the folder is open here. */
  url: string | null;
  close(): Promise<void>;
}

/** ms within which another process must leave the folder, or its server must answer. */
const timeoutMs = 5000;
/** ms between two tries to get at the folder. */
const pauseMs = 100;

/** Finds the API of a server elsewhere, of the one that runs on the data folder, or else opens the folder itself. */
export async function connect({ url, token, data }: Target): Promise<Connection> {
  if (url !== undefined) return remote({ url: address(url), token });
  return onFolder(existingFolder(data));
}

/** Opens the API of an existing data folder: through the server that runs on it, or directly. */
async function onFolder(data: string): Promise<Connection> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const failures: unknown[] = [];
    try {
      // Nothing is delivered from here, so whether a target may be private does not matter.
      const bus = { allowPrivateTargets: true };
      const runtime = await openRuntime({ data, log: failureLog(failures), bus });
      nameFolder(data);
      return onRuntime(runtime, failures);
    } catch (error) {
      if (!(error instanceof DataDirLocked)) throw dataFailure(error, data);
      const server = await findRunning(data);
      if (server !== null && (await answers(server))) {
        nameFolder(data);
        return remote(server);
      }
      if (performance.now() > deadline) throw error;
    }
    await sleep(pauseMs);
  }
}

function address(url: string): string {
  if (!URL.canParse(url) || !/^https?:\/\//i.test(url))
    throw new WrongUsage("--url must be as https://gatepost.example");
  const { origin, pathname } = new URL(url);
  return origin + pathname.replace(/\/+$/, "");
}

function remote({
  url,
  token,
  publicUrl = url,
}: Omit<RunningServer, "token"> & { token?: string | undefined }): Connection {
  if (token === undefined) throw new WrongUsage("give an admin key with --token or in GATEPOST_TOKEN");
  if (!/^[\x21-\x7e]+$/.test(token)) throw new WrongUsage("--token must be a key, as gpa_…");
  const headers = { authorization: `Bearer ${token}` };
  return {
    async fetch(path, request) {
      try {
        return await fetch(url + path, { ...request, headers, redirect: "error" });
      } catch (error) {
        throw notReached(url, error);
      }
    },
    place: url,
    publicUrl,
    url,
    close: () => Promise.resolve(),
  };
}

/** OpenSSL's codes for an answer that is no TLS. */
const noTls = ["ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG"];

function notReached(url: string, error: unknown): Failure {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (noTls.includes(code))
    return new Failure(`${url} is answered without TLS; did you mean ${url.replace(/^https/i, "http")}?`, { cause });
  return new Failure(`cannot reach ${url}: ${sayWhy(cause) || code || "no answer"}; is it running there?`, { cause });
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
      const answer = await runtime.api.fetch(new Request(`http://gatepost${path}`, { ...request, headers }));
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

/** Whether the server answers: its file may be left over from one that was killed. */
async function answers({ url }: RunningServer): Promise<boolean> {
  try {
    const { status } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
    // A server with a full disk (503) runs, too: keys can be revoked.
    return status === 200 || status === 503;
  } catch {
    return false;
  }
}
