/** What some work came to, and how many turns others had until it was done. */
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
