/** Puts a value last, and forgets the first if there are more than `max`. */
export function keepLatest<Value>(all: Map<string, Value>, name: string, value: Value, max: number): void {
  all.delete(name);
  all.set(name, value);
  const [oldest] = all.keys();
  if (all.size > max && oldest !== undefined) all.delete(oldest);
}
