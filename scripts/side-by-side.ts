import { constants } from "node:os";

/** The result of one part, and its output that is printed at its end. */
interface Outcome {
  hasPassed: boolean;
  printed: string;
  /** The names of failed tests, if the part knows them. */
  failures?: readonly string[];
}

export interface Part {
  name: string;
  /** The command that runs this part alone. */
  command: string;
  /** @param killed ends the processes of the part */
  run(killed: AbortSignal): Promise<Outcome>;
}

/**
 * Runs all parts, some at a time, also after one failed. At the end it lists the failed ones, and the process ends
 * with 1.
 */
export async function sideBySide(parts: readonly Part[], concurrency: number): Promise<void> {
  const left = [...parts];
  const failed: string[] = [];
  const killed = new AbortController();
  process.once("SIGTERM", () => {
    killed.abort();
    process.exit(128 + constants.signals.SIGTERM);
  });
  const runNext = async () => {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      const { hasPassed, printed, failures = [] } = await runSafely(part, killed.signal);
      const line = `${hasPassed ? "passed" : "FAILED"} ${part.name}: ${part.command}\n`;
      process.stdout.write(line + printed);
      if (!hasPassed) failed.push(line, ...failures.map((failure) => `  ${failure}\n`));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runNext));
  if (failed.length === 0) return;
  process.exitCode = 1;
  process.stdout.write(`\n${failed.join("")}`);
}

/** A part that cannot be run has failed, and the others still run. */
async function runSafely(part: Part, killed: AbortSignal): Promise<Outcome> {
  try {
    return await part.run(killed);
  } catch (error) {
    return { hasPassed: false, printed: `${error}\n` };
  }
}
