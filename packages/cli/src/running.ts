import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** How a server can be reached from its own machine; the token lives as long as it does. */
const runningServer = z.object({
  url: z.url(),
  token: z.string(),
  /** Where others reach it. */
  publicUrl: z.url().optional(),
});
export type RunningServer = z.output<typeof runningServer>;

const fileIn = (data: string) => join(data, "server.json");

/** Leaves word of a server in its data folder, for its owner alone. */
export async function announce(data: string, server: RunningServer): Promise<void> {
  const unfinished = `${fileIn(data)}.new`;
  await rm(unfinished, { force: true });
  await writeFile(unfinished, JSON.stringify(server), { mode: 0o600 });
  await rename(unfinished, fileIn(data));
}

export async function retract(data: string): Promise<void> {
  await rm(fileIn(data), { force: true });
}

/** Null where no server has left word, or one that died while it did. */
export async function findRunning(data: string): Promise<RunningServer | null> {
  try {
    return runningServer.safeParse(JSON.parse(await readFile(fileIn(data), "utf8"))).data ?? null;
  } catch {
    return null;
  }
}
