/** Waits for every one before it throws what failed: nothing may still be at work when a box has its answer. */
export async function all<T>(started: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(started);
  return Promise.all(started);
}
