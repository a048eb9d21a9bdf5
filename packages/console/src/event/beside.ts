/** The ids of the events beside one; null where there is none, or none is known. */
export interface Beside {
  newer: string | null;
  older: string | null;
}

const none: Beside = { newer: null, older: null };

/**
 * What is beside an event: in the list that it is in, and where that ends, what the server says.
 *
 * @param asked what the server said last, and of which event
 */
export function besideOf(id: string, list: readonly { id: string }[], asked: (Beside & { id: string }) | null): Beside {
  const there = asked?.id === id ? asked : none;
  const at = list.findIndex((event) => event.id === id);
  if (at < 0) return { newer: there.newer, older: there.older };
  return { newer: list[at - 1]?.id ?? there.newer, older: list[at + 1]?.id ?? there.older };
}
