import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Does `act` with each, `size` of them in one turn of the event loop: reports of boxes are taken between the turns.
 *
 * @param size so many that a turn takes a few milliseconds
 */
export async function inTurns<Of>(all: Iterable<Of>, size: number, act: (one: Of) => void): Promise<void> {
  let left = size;
  for (const item of all) {
    act(item);
    left -= 1;
    if (left > 0) continue;
    left = size;
    await nextTurn();
  }
}
