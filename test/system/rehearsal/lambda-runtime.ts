import https from "node:https";
import { flushCompileCache, syncBuiltinESMExports } from "node:module";
import { pathToFileURL } from "node:url";
import "../../support/quick-scrypt.ts";

/*
 * Runs inside the process of one execution environment, which can read nothing but the unpacked archive, this file, what
 * it imports, and what Node has compiled of them.
 */

const [, , file = "", exported = ""] = process.argv;

interface Invocation {
  event: unknown;
  deadline: number;
  requestId: string;
  /** ms by which its clock is ahead. */
  aheadMs: number;
}

/** Hosts of the Internet that stand-ins on this machine take the place of, by their names. */
const hosts: Record<string, { port: number; ca: string }> = JSON.parse(process.env["REHEARSED_HOSTS"] ?? "{}");
https.request = new Proxy(https.request, {
  apply(request, self, [url, options]) {
    const here = hosts[url.hostname];
    return Reflect.apply(request, self, [
      url,
      here === undefined ? options : { ...options, ...here, hostname: "127.0.0.1" },
    ]);
  },
});
syncBuiltinESMExports();

/** How many times as long as on AWS it waits. */
const patience = Number(process.env["REHEARSED_PATIENCE"] ?? 1);
AbortSignal.timeout = new Proxy(AbortSignal.timeout, {
  apply: (timeout, self, [ms]) => Reflect.apply(timeout, self, [ms * patience]),
});
globalThis.setTimeout = new Proxy(setTimeout, {
  apply: (later, self, [act, ms = 0, ...args]) => Reflect.apply(later, self, [act, ms * patience, ...args]),
});

let ahead = 0;
Date.now = new Proxy(Date.now, { apply: (now, self) => Reflect.apply(now, self, []) + ahead });

// A function has the environment of its graph alone.
delete process.env["NODE_COMPILE_CACHE"];
delete process.env["REHEARSED_HOSTS"];
delete process.env["REHEARSED_PATIENCE"];
const module: Record<string, (event: unknown, context: unknown) => unknown> = await import(pathToFileURL(file).href);
const handler = module[exported];
if (handler === undefined) throw new Error(`${file} has no export ${exported}`);

// It does not end by itself, which is when Node would keep what it has compiled.
flushCompileCache();

process.on("message", async ({ event, deadline, requestId, aheadMs }: Invocation) => {
  ahead = aheadMs;
  const context = {
    awsRequestId: requestId,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    process.send?.({ result: (await handler(event, context)) ?? null });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? `${error.stack}` : `${error}` });
  }
});
process.send?.({ ready: true });
