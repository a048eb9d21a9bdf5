/** The result of some work, and how many turns others had until it was done. */
export async function turnsOf<Result>(work: Promise<Result>): Promise<[Result, number]> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const result = await work;
  isOver = true;
  return [result, turns];
}

/** How often something was called in one turn at most while some work went on; `calls` says how often so far. */
export async function maxInOneTurn(calls: () => number, work: Promise<unknown>): Promise<number> {
  let highest = 0;
  let counted = calls();
  let isOver = false;
  const count = () => {
    highest = Math.max(highest, calls() - counted);
    counted = calls();
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isOver = true;
  return highest;
}

/** Resolves after some turns of the event loop: work that waits for nothing outside the process is done by then. */
export async function passTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
