const { setImmediate: realTurn } = globalThis;

interface Task {
  at: number;
  order: number;
  run(): void;
}

/**
 * The only thing that happens by itself in a simulation: tasks at virtual times, one after the other. Between two tasks
 * all promises that can continue do. So the same tasks give the same run.
 */
export class Scheduler {
  readonly #heap: Task[] = [];
  #now: number;
  #order = 0;
  #steps = 0;

  constructor(start: number) {
    this.#now = start;
  }

  /** ms since 1970, of the virtual clock. */
  get now(): number {
    return this.#now;
  }

  /** How many tasks ran. */
  get steps(): number {
    return this.#steps;
  }

  /** Runs something after `ms`. The returned function cancels it. */
  after(ms: number, run: () => void): () => void {
    const task = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    push(this.#heap, task);
    return () => {
      task.run = nothing;
    };
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Runs tasks until `work` is settled. Throws if no task is left that could settle it, or after too many tasks. */
  async until(work: Promise<void>, maxSteps: number): Promise<void> {
    const outcome = { isOver: false, failure: null as unknown };
    work.then(
      () => {
        outcome.isOver = true;
      },
      (failure: unknown) => {
        outcome.isOver = true;
        outcome.failure = failure;
      },
    );
    await turn();
    while (!outcome.isOver) {
      const next = pop(this.#heap);
      if (next === undefined) throw new Error("the simulation is stuck: nothing is due, and it is not over");
      if (this.#steps >= maxSteps) throw new Error(`the simulation does not end: ${maxSteps} tasks ran`);
      if (next.run === nothing) continue;
      this.#steps += 1;
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await turn();
    }
    if (outcome.failure !== null) throw outcome.failure;
  }
}

/** Lets every promise continue that can. */
function turn(): Promise<void> {
  return new Promise((resolve) => void realTurn(resolve));
}

function nothing(): void {}

function isBefore(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Task[], task: Task): void {
  let place = heap.length;
  heap.push(task);
  while (place > 0) {
    const above = (place - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || !isBefore(task, parent)) break;
    heap[place] = parent;
    place = above;
  }
  heap[place] = task;
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let place = 0;
  for (;;) {
    const left = 2 * place + 1;
    const [a, b] = [heap[left], heap[left + 1]];
    if (a === undefined) break;
    const [child, where] = b !== undefined && isBefore(b, a) ? [b, left + 1] : [a, left];
    if (!isBefore(child, last)) break;
    heap[place] = child;
    place = where;
  }
  heap[place] = last;
  return first;
}
