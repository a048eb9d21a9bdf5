import type { LiveConnections } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** Connections that are sent to at the same time. */
const atOnce = 50;

/** Ends a connection that would have a gap. Its reader comes again with the last event that it has. */
export async function letGo(
  id: string,
  { connections, sockets }: { connections: LiveConnections; sockets: Sockets },
): Promise<void> {
  await sockets.end(id);
  await connections.remove(id);
}

/** Does something for every connection, for 50 at a time. */
export async function forEvery<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await act(next);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, lane));
}
