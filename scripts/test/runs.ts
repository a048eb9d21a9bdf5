import { globSync } from "node:fs";
import { join } from "node:path";

export interface Run {
  args: string[];
  /** Processes for each processor of the machine; without it, as the project says. */
  workers?: number;
  /** Variables of its environment. */
  variables?: Record<string, string>;
}

const root = join(import.meta.dirname, "../..");

/** The files of a pattern, from the root. */
function filesOf(pattern: string): string[] {
  const files = globSync(pattern, { cwd: root });
  if (files.length === 0) throw new Error(`no test is at ${pattern}`);
  return files;
}

/** The tests of the core that `SCOPE.md` names. */
const core = [
  "test/unit/{protocol,http,sqlite,event-pattern}/**/*.test.ts",
  "test/unit/receive/{decode/**/,}*.test.ts",
  "test/unit/core/{item-faults,keyed-boxes,log-once,record-kind,recent-news}.test.ts",
  "test/unit/api/{access,erase*,events,feed,find,jobs,keys,limited-keys,openapi,page,pictures,quarantine,who}.test.ts",
  "test/unit/api/quarantine/*.test.ts",
  "test/contract/{memory,sqlite,dynamo}.test.ts",
  "test/contract/aws/{action-outbox,change-feed,erase*,erasure-*,event-*,feed,keys,outage,quarantine,reading}.test.ts",
  "test/runtime/embedded/{duplicates,erasure,open,picture-packs,retention*,search,server}.test.ts",
  "test/runtime/embedded/bus/{bus,dead-letters,delivery,refusals,rules,webhook}.test.ts",
  "test/system/embedded/{dialects,durability,envelopes,feed,reading}.test.ts",
  "test/system/embedded/bus/bus.test.ts",
].flatMap(filesOf);

/**
 * Each process of Vitest compiles what it tests anew, until it is fast. So a part of the tests has as few as keep two
 * parts beside each other busy: with twice as many, all of them took a fifth more CPU, and no less time. `unit` waits
 * more: with two processes it takes two thirds of the time.
 */
export const runs: Record<string, Run> = {
  core: { args: core, workers: 1 },
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
    // Each line is passed by the same few examples: `unit` draws others, and in `.ci/run` eight times as many.
    variables: { GATEPOST_SEED: "1", GATEPOST_REQUIRE_ALL: "" },
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
