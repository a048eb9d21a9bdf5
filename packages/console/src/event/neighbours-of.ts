/** The ids of the neighbours of an event; null if there is none, or none is known. */
export interface Beside {
  newer: string | null;
  older: string | null;
}

const none: Beside = { newer: null, older: null };

/**
 * The neighbours of an event: from its list, and at the ends of the list from the server.
 *
 * @param asked the server's last answer, and the id of its event
 */
export function neighboursOf(
  id: string,
  list: readonly { id: string }[],
  asked: (Beside & { id: string }) | null,
): Beside {
  const there = asked?.id === id ? asked : none;
  const at = list.findIndex((event) => event.id === id);
  if (at < 0) return { newer: there.newer, older: there.older };
  return { newer: list[at - 1]?.id ?? there.newer, older: list[at + 1]?.id ?? there.older };
}
