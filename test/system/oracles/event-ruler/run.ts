import { spawnSync } from "node:child_process";
import { createHash, randomInt } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compile, matches, PatternError } from "@gatepost/event-pattern";
import { optionsOf } from "../../../../scripts/called.ts";
import { narrowings } from "./narrowings.ts";
import { type Pair, pairs } from "./pairs.ts";

const here = import.meta.dirname;
const pom = join(here, "pom.xml");
const copier = "org.apache.maven.plugins:maven-dependency-plugin:2.8";
const maxParts = 5000;

interface Answer {
  readonly verdict: string;
  readonly remark: string | undefined;
}

type Compared = Pair & Answer & { readonly ours: string };

/** The oracle cannot be asked on this machine. */
class Unavailable extends Error {
  readonly isRegistry: boolean;

  constructor(message: string, isRegistry: boolean) {
    super(message);
    this.isRegistry = isRegistry;
  }
}

const unreachable = /Could not transfer|Unknown host|UnknownHost|Connect|timed out|No route|Network is|offline mode/i;

try {
  process.exitCode = compare();
} catch (error) {
  if (!(error instanceof Unavailable)) throw error;
  const isFailure = process.env["GATEPOST_REQUIRE_ALL"] === "1" && !error.isRegistry;
  print(`${isFailure ? "FAILED" : "SKIPPED"} event-ruler: ${error.message}`);
  process.exitCode = isFailure ? 1 : 0;
}

function compare(): number {
  const values = optionsOf({ pairs: { type: "string" }, seed: { type: "string" } });
  const seed = Number(values.seed ?? randomInt(2 ** 32));
  const asked = pairs(Number(values.pairs ?? 5000), seed);
  const folder = libraries();
  const compared = ask(asked, folder).map(({ verdict, remark }, index) => {
    const { pattern, event } = asked[index] ?? { pattern: undefined, event: {} };
    return { ours: answer({ pattern, event }), verdict, remark, pattern, event };
  });
  const differing = compared.filter(({ ours, verdict }) => ours !== verdict);
  const disagreements = differing.filter(notExcused(differing, folder));
  const contradictions = compared.filter(({ ours, verdict, remark }) => ours !== verdict || remark?.startsWith("but"));
  for (const found of contradictions) {
    const kind = disagreements.includes(found) ? "disagreement" : "the engine contradicts itself";
    print(`${kind}: ${JSON.stringify(found)}`);
  }
  const matched = compared.filter(({ verdict }) => verdict === "match").length;
  const counts = `${asked.length} pairs, ${matched} matches, ${disagreements.length} disagreements`;
  print(`event-ruler: ${counts} (seed ${seed})`);
  return disagreements.length === 0 && compared.length === asked.length ? 0 : 1;
}

/**
 * Some lists and $or's trip the engine: it refuses as a whole what it takes in part, at times only every second time it
 * is asked, or takes what it refuses in every part. By its own documentation neither can be; there the parts decide.
 */
function notExcused(differing: readonly Compared[], folder: string): (found: Compared) => boolean {
  const parts = differing.flatMap((found) => partsOf(found).map((pattern) => ({ found, pattern, event: found.event })));
  const answers = parts.length > 0 ? ask(parts, folder) : [];
  const divisible = new Set(parts.map(({ found }) => found));
  const taken = new Set(parts.filter((_, index) => answers[index]?.verdict === "match").map(({ found }) => found));
  return (found) => !divisible.has(found) || taken.has(found) !== (found.ours === "match");
}

/** The parts of a pattern; none if either side refused it, or if there are too many to ask for. */
function partsOf({ ours, verdict, pattern }: Compared): unknown[] {
  const isDecided = [ours, verdict].every((answered) => answered === "match" || answered === "no-match");
  if (!isDecided || typeof pattern !== "object" || pattern === null) return [];
  const parts: unknown[] = [];
  for (const part of narrowings({ ...pattern })) {
    if (parts.push(part) > maxParts) return [];
  }
  return parts;
}

/** The other side sees what it would be sent: JSON text, which must say the same here. */
function answer({ pattern, event }: Pair): string {
  try {
    return matches(compile(JSON.parse(JSON.stringify(pattern))), JSON.parse(JSON.stringify(event)))
      ? "match"
      : "no-match";
  } catch (error) {
    if (error instanceof PatternError) return "invalid";
    throw error;
  }
}

function ask(asked: readonly Pair[], folder: string): Answer[] {
  const lines = asked.map(({ pattern, event }) => {
    return JSON.stringify({ pattern: JSON.stringify(pattern), event: JSON.stringify(event) });
  });
  const input = `${lines.join("\n")}\n`;
  const { stdout, stderr, status } = run("java", ["-cp", join(folder, "*"), join(here, "Oracle.java")], input);
  if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => {
      const [verdict = "", remark] = line.split("\t");
      return { verdict, remark };
    });
}

/** The engine and what it needs, fetched once for this pom. */
function libraries(): string {
  const digest = createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 16);
  const folder = join(here, "../../../../node_modules/.cache/event-ruler", digest);
  if (existsSync(folder)) return folder;
  const fetched = `${folder}.${process.pid}`;
  mkdirSync(fetched, { recursive: true });
  try {
    fetchInto(fetched);
    renameSync(fetched, folder);
  } finally {
    rmSync(fetched, { recursive: true, force: true });
  }
  return folder;
}

function fetchInto(folder: string): void {
  const goal = ["-B", "-q", "-U", "-f", pom, `${copier}:copy-dependencies`, `-DoutputDirectory=${folder}`];
  const { status, stdout, stderr } = run("mvn", goal, "");
  if (status === 0) return;
  const reason = `${stdout}${stderr}`;
  if (unreachable.test(reason)) throw new Unavailable("the Maven registry cannot be reached", true);
  throw new Error(`mvn ended with ${status}: ${reason}`);
}

function run(command: string, parameters: readonly string[], input: string) {
  const result = spawnSync(command, parameters, { input, encoding: "utf8", maxBuffer: 2 ** 30 });
  if (result.error) throw new Unavailable(`${command} cannot be started: ${result.error.message}`, false);
  return result;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
