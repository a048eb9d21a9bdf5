import type { LiveConnections } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** Ends a connection that would have a gap. Its client reconnects with the last event that it has. */
export async function disconnect(
  id: string,
  { connections, sockets }: { connections: LiveConnections; sockets: Sockets },
): Promise<void> {
  await sockets.end(id);
  await connections.remove(id);
}
