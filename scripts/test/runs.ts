interface Run {
  args: string[];
  /** Processes for each processor of the machine. */
  workers: number;
}

/**
 * Each process of Vitest compiles what it tests anew, until it is fast. So a part of the tests has as few as keep two
 * parts beside each other busy: with twice as many, all of them took a fifth more CPU, and no less time. `unit` waits
 * more, and continues alone when `covered` has ended: with two processes it takes two thirds of the time.
 */
export const runs: Record<string, Run> = {
  covered: { args: ["--project", "unit", "--coverage", "test/unit/protocol", "test/unit/receive"], workers: 0.5 },
  unit: { args: ["--project", "unit", "--exclude", "test/unit/{protocol,receive}/**"], workers: 1 },
  contract: { args: ["--project", "contract"], workers: 0.5 },
  runtime: { args: ["--project", "runtime"], workers: 1 },
  system: { args: ["--project", "system"], workers: 1 },
  ingest: { args: ["--project", "ingest"], workers: 0.5 },
};
