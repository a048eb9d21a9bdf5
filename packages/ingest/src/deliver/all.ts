/** Waits for all before it throws the first failure: no work may go on once the box has its answer. */
export async function all<T>(started: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
