import { constants } from "node:os";

/** What one part came to, and what is printed of it at its end. */
interface Outcome {
  hasPassed: boolean;
  printed: string;
}

export interface Part {
  name: string;
  /** What it runs, for whom wants to run it alone. */
  command: string;
  /** @param killed what it starts ends with it, and is not left behind */
  run(killed: AbortSignal): Promise<Outcome>;
}

/** Runs parts, some at a time, and prints of each whether it passed. The process ends with 1 where one fails, after all. */
export async function sideBySide(parts: readonly Part[], concurrency: number): Promise<void> {
  const left = [...parts];
  const killed = new AbortController();
  process.once("SIGTERM", () => {
    killed.abort();
    process.exit(128 + constants.signals.SIGTERM);
  });
  const runNext = async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      const { hasPassed, printed } = await part.run(killed.signal);
      process.stdout.write(`${hasPassed ? "passed" : "FAILED"} ${part.name}: ${part.command}\n${printed}`);
      if (!hasPassed) process.exitCode = 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
}
