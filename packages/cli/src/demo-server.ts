import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, usualMaxBody } from "./start.ts";
import { printKeys } from "./welcome.ts";

/** Where the server of a demo is. */
interface DemoServer {
  /** A temporary folder, which goes with the demo. */
  folder: string;
  /** The data folder, in the temporary one. */
  data: string;
  url: string;
}

/**
 * Starts a server in a temporary folder and prints its lines. It ends, and nothing stays, when `opened` is disposed.
 */
export async function startDemoServer(port: number, opened: AsyncDisposableStack): Promise<DemoServer> {
  const folder = await mkdtemp(join(tmpdir(), "gatepost-demo-"));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, "data");
  const server = await start({ data, port, host: "127.0.0.1", maxBody: usualMaxBody }, printKeys);
  opened.defer(() => server.stop());
  process.stdout.write(`${server.lines.join("\n")}\n`);
  return { folder, data, url: server.url };
}
