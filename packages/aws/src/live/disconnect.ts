import type { LiveConnections } from "./connections.ts";
import type { Sockets } from "./sockets.ts";

/** Closes a connection that would miss an event. Its client reconnects with its last event. */
export async function disconnect(
  id: string,
  { connections, sockets }: { connections: LiveConnections; sockets: Sockets },
): Promise<void> {
  await sockets.end(id);
  await connections.remove(id);
}
