/** Lets tasks run side by side, in their order, up to a number of tasks and a sum of bytes. */
export class TaskLimiter {
  readonly #maxTasks: number;
  readonly #maxBytes: number;
  readonly #waiting: { bytes: number; enter(): void }[] = [];
  #limit: number;
  #running = 0;
  #bytes = 0;
  /** Tasks that must end before the number is halved again: all of them were started before it was. */
  #unheeded = 0;

  constructor({ maxTasks, maxBytes }: { maxTasks: number; maxBytes: number }) {
    this.#maxTasks = maxTasks;
    this.#maxBytes = maxBytes;
    this.#limit = maxTasks;
  }

  /** Runs a task as soon as there is room for it. A task larger than all the room runs alone. */
  async run<Result>(bytes: number, task: () => Promise<Result>): Promise<Result> {
    await this.enter(bytes);
    try {
      return await task();
    } finally {
      this.leave(bytes);
    }
  }

  /** Resolves as soon as there is room; the caller must call `leave` afterwards. */
  enter(bytes: number): Promise<void> {
    return new Promise((enter) => {
      this.#waiting.push({ bytes, enter });
      this.#admit();
    });
  }

  leave(bytes: number): void {
    this.#running -= 1;
    this.#bytes -= bytes;
    this.#unheeded = Math.max(0, this.#unheeded - 1);
    this.#limit = Math.min(this.#maxTasks, this.#limit + 1 / this.#limit);
    this.#admit();
  }

  /** Halves the number of tasks, because the other side is overloaded. Tasks that end raise it again, step by step. */
  slowDown(): void {
    if (this.#unheeded > 0) return;
    this.#unheeded = this.#running;
    this.#limit = Math.max(1, this.#limit / 2);
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#hasRoom(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#running += 1;
      this.#bytes += next.bytes;
      next.enter();
    }
  }

  #hasRoom(bytes: number): boolean {
    if (this.#running === 0) return true;
    return this.#running < Math.floor(this.#limit) && this.#bytes + bytes <= this.#maxBytes;
  }
}

/**
 * Takes items one by one, as there is room, and works on them side by side. After a failure it takes no more, waits for
 * those that are under way, and throws it.
 */
export async function forEachInFlight<Item>(
  items: Iterable<Item>,
  { gate, bytesOf }: { gate: TaskLimiter; bytesOf(item: Item): number },
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for (const item of items) {
    const bytes = bytesOf(item);
    await gate.enter(bytes);
    if (failures.length > 0) {
      gate.leave(bytes);
      break;
    }
    const task = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        gate.leave(bytes);
        underWay.delete(task);
      });
    underWay.add(task);
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
}

/** Items in groups of a size; the last one may be smaller. */
export function* chunked<T>(items: readonly T[], size: number): Iterable<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}
