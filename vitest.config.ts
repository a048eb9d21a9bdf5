import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { memoryFolder } from "./test/support/memory-folder.ts";

/** A folder for what each run comes to, or none. */
const results = process.env["GATEPOST_TEST_RESULTS"];

/** Vitest keeps what it has read of a module, with the files that its imports led to: these the packages name. */
const packages = createHash("sha256");
for (const file of globSync("packages/*/package.json").sort()) packages.update(readFileSync(file));

/** Without it, each thread that reads or copies a database would compile what reads TypeScript. */
const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules/.cache/gatepost") };

/** Temporary folders are in memory: a test that is not about disks does not wait for one. */
const inMemory = { env: { ...compiled, TMPDIR: memoryFolder ?? tmpdir() } };

/** What all projects have in common. It is not inherited: what is set up for a run is set up once, and not for each. */
const common: TestProjectInlineConfiguration["test"] = {
  testTimeout: 180_000,
  hookTimeout: 180_000,
  maxWorkers: availableParallelism(),
  // A busy machine is slow and not wrong: nothing is given up much before the test's own time is over.
  expect: { poll: { timeout: 150_000, interval: 40 } },
  // What a test makes lives for as long as the test: more room for what is young is less work for the garbage collector.
  execArgv: ["--max-semi-space-size=64"],
  setupFiles: ["test/support/no-logged-keys.ts", "test/support/repeated.ts"],
  env: compiled,
};

/** These mostly wait: for stand-ins, processes and retries. Whoever has other limits has a turn of its own. */
const waiting = { isolate: false, maxWorkers: availableParallelism() + 1, sequence: { groupOrder: 1 } };

/**
 * Half a minute each of everything failing at random, and of bridges and outboxes that are killed or whose disks are
 * full: not for `npm test`.
 */
const soaks = [
  "test/system/soak/*.test.ts",
  "test/system/bridge/*{kill,full-disk}.test.ts",
  "test/system/embedded/bus/kill.test.ts",
];

/** Command by command but for the stories of `npm test`, and the programs and commands of documents. */
const commands = [
  "test/system/cli/!(accounts|boxes|dead-letters|deliveries|erase|events|first-hour|mappings|rules|stats).test.ts",
  "test/system/simulator/**/*.test.ts",
  "test/system/bridge/{box-setup,terminal-setup}.test.ts",
  "test/system/embedded/bus/{check-ins,document,door}.test.ts",
  "test/system/embedded/live/python.test.ts",
];

/** Bridges with simulated boxes and terminals that answer wrongly, late, twice or never, and with several bridges. */
const bridges = [
  "test/runtime/bridge/{connection,follower,gap}.test.ts",
  "test/runtime/bridge/acting/{damaged,loop,same-person,two-bridges}.test.ts",
  "test/runtime/bridge/people/{failures,hostile,lost-answers}.test.ts",
  "test/runtime/bridge/terminals/{hikvision,uniview}.test.ts",
  "test/system/bridge/{acting-away,change,dead-letters,start,taught}.test.ts",
];

/**
 * All that would be deployed, looked at and run on this machine, of one synth, and the proofs of `npm run prove`: not
 * for `npm test` either.
 */
const rehearsals = ["test/system/{infra,rehearsal,prove}/**/*.test.ts"];

/**
 * Limits of memory, CPU, turns, bytes and costs, full disks and killed processes, and long stories of
 * backups: `.ci/run` runs them after `npm cit`.
 */
const limits = [
  "test/system/embedded/{erasure,export-memory,full-disk,kill,large-body-memory,long-turns,memory}.test.ts",
  "test/system/embedded/{paging,raw-connections,written-bytes}.test.ts",
  "test/system/embedded/live/crowd.test.ts",
  "test/runtime/embedded/unread-answers.test.ts",
  "test/system/bridge/{long-turns,memory}.test.ts",
  "test/system/ingest/**/*.test.ts",
  "test/system/backup/{cut-short,ship,whose-fault}.test.ts",
  "test/system/query/folded.test.ts",
  "test/contract/aws/{counting-costs,large-answers,load,reading-costs}.test.ts",
];

/**
 * On DynamoDB Local run the contracts that judge DynamoDB itself: each operation, condition, index and stream. These
 * others (and s3 and migration) send the same forms of commands for other attributes, many times. The few forms that
 * are theirs alone, `memory-dynamo` compares there with the tables in memory, on which these run.
 */
const judgedInMemory =
  process.env["GATEPOST_DYNAMO"] === "local"
    ? [
        "test/contract/aws/{alerts,api,boxes,box-signs,broken-rows,bus,change-feed,clock-steps}.test.ts",
        "test/contract/aws/{envelopes,eras*,failed-keys,feed,half-hours,jobs,keys,lagging-feed}.test.ts",
        "test/contract/aws/{leaving,listing,lost-answers,open-work,outage,own-pictures}.test.ts",
        "test/contract/aws/{people,pictures,presence,reading,reserved-paths,row-size}.test.ts",
        "test/contract/aws/{scenes,small-rows,stale-reads,statistics,table,terminals}.test.ts",
      ]
    : [];

/** Processes start as they are published. */
const built = ["test/support/build-command.ts"];

function project(name: string, options: TestProjectInlineConfiguration["test"] = {}): TestProjectInlineConfiguration {
  return { extends: false, test: { ...common, name, include: [`test/${name}/**/*.test.ts`], ...options } };
}

export default defineConfig({
  test: {
    projects: [
      // No file of these leaves anything behind for the next one of the same process.
      project("unit", { ...inMemory, isolate: false }),
      project("contract", {
        ...inMemory,
        ...waiting,
        exclude: [...configDefaults.exclude, ...limits, ...judgedInMemory],
      }),
      project("runtime", { ...inMemory, ...waiting, exclude: [...configDefaults.exclude, ...limits, ...bridges] }),
      project("system", {
        ...waiting,
        globalSetup: built,
        exclude: [...configDefaults.exclude, ...limits, ...soaks, ...rehearsals, ...commands, ...bridges],
      }),
      // Each file has a separate process: a process keeps memory after bodies of many megabytes.
      project("limits", { include: limits, globalSetup: built }),
      project("commands", { ...waiting, include: commands, globalSetup: built }),
      project("bridges", { ...inMemory, ...waiting, include: bridges, globalSetup: built }),
      project("rehearsal", { ...waiting, include: rehearsals, globalSetup: built }),
      project("soak", { include: soaks, globalSetup: built, maxWorkers: availableParallelism() + 1 }),
      // A page is mostly waited for: two at a time take little longer than one.
      project("browser", { isolate: false, maxConcurrency: 2, maxWorkers: availableParallelism() + 1 }),
      // Packs, installs and starts the published packages: a job of `.ci/run`.
      project("package"),
    ],
    fsModuleCachePath: `node_modules/.vitest-cache/${packages.digest("hex")}`,
    globalSetup: "test/standins/shared-dynamo.ts",
    reporters: results === undefined ? ["default"] : ["default", "json"],
    outputFile: { json: join(results ?? "", `${process.pid}.json`) },
    coverage: {
      provider: "v8",
      include: [
        "packages/protocol/src/**",
        "packages/receive/src/**",
        "packages/core/src/{masking,json,room,paths,erasure,arrivals,retention}/**",
        "packages/core/src/errors/{errors,answer}.ts",
        "packages/core/src/keys/{token,auth-rate-limiter}.ts",
        "packages/core/src/actions/announce.ts",
        "packages/core/src/quarantine/quota.ts",
      ],
      reporter: ["text-summary", ["text", { skipFull: true }]],
      thresholds: { lines: 100, branches: 100 },
    },
  },
});
