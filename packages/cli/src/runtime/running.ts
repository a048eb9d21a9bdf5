import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** How a server can be reached from its own machine; the token lives as long as it does. */
const runningServer = z.object({
  url: z.url(),
  token: z.string(),
  /** The address for other machines. */
  publicUrl: z.url().optional(),
});
export type RunningServer = z.output<typeof runningServer>;

const fileIn = (data: string) => join(data, "server.json");

/** Writes the address and token of a server into its data folder, readable only for the owner. */
export async function announce(data: string, server: RunningServer): Promise<void> {
  const unfinished = `${fileIn(data)}.new`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, JSON.stringify(server), { mode: 0o600 });
  await rename(unfinished, fileIn(data));
}

export async function retract(data: string): Promise<void> {
  await rm(fileIn(data), { force: true });
}

/** The server that runs on a data folder; null if there is no usable file. The server may have been killed since. */
export async function findRunning(data: string): Promise<RunningServer | null> {
  try {
    return runningServer.safeParse(JSON.parse(await readFile(fileIn(data), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}

/** The server that runs on a data folder; null if none answers that has its token. */
export async function findAnswering(data: string): Promise<RunningServer | null> {
  const server = await findRunning(data);
  return server !== null && (await answers(server)) ? server : null;
}

/**
 * Whether the server answers: its file may be left over from one that was killed, and another Gatepost may be at its
 * port.
 */
async function answers({ url, token }: RunningServer): Promise<boolean> {
  try {
    const headers = { authorization: `Bearer ${token}` };
    const { status } = await fetch(`${url}/v1/me`, { headers, signal: AbortSignal.timeout(2000) });
    // A server with a full disk (503) runs, too: keys can be revoked.
    return status === 200 || status === 503;
  } catch {
    return false;
  }
}
