export interface Run {
  args: string[];
  /** Processes for each processor of the machine; without it, as the project says. */
  workers?: number;
  /** Variables of its environment. */
  variables?: Record<string, string>;
}

/**
 * Each process of Vitest compiles what it tests anew, until it is fast. So a part of the tests has as few as keep two
 * parts beside each other busy: with twice as many, all of them took a fifth more CPU, and no less time. `unit` waits
 * more: with two processes it takes two thirds of the time.
 */
export const runs: Record<string, Run> = {
  unit: { args: ["--project", "unit"], workers: 1 },
  contract: { args: ["--project", "contract"], workers: 0.5 },
  runtime: { args: ["--project", "runtime"], workers: 1 },
  system: { args: ["--project", "system"], workers: 1 },
  limits: { args: ["--project", "limits"], workers: 1 },
  commands: { args: ["--project", "commands"], workers: 1 },
  bridges: { args: ["--project", "bridges"], workers: 1 },
  covered: {
    args: [
      "--project",
      "unit",
      "--coverage",
      "test/unit/protocol",
      "test/unit/receive",
      "test/unit/api/teaching.test.ts",
    ],
    workers: 0.5,
    variables: { GATEPOST_SEED: "1" },
  },
  rehearsal: { args: ["--project", "rehearsal"] },
  soak: { args: ["--project", "soak"] },
  browser: { args: ["--project", "browser"] },
  package: { args: ["--project", "package"] },
  dynamo: {
    args: [
      "--project",
      "contract",
      "test/contract/aws",
      "test/contract/dynamo.test.ts",
      // All processes share one DynamoDB Local, which takes minutes for thousands of reports.
      "--testTimeout=900000",
    ],
    variables: { GATEPOST_DYNAMO: "local" },
  },
};
