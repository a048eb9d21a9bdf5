import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { acceptedExpressions } from "../../../../scripts/regular-expressions/accepted.ts";
import { allExpressions, type Found } from "../../../../scripts/regular-expressions/find.ts";

/*
 * Lists every regular expression of the sources with its complexity. `recheck` (npm) finds that by a search for the
 * worst text for each. Fails for one that is not linear and not accepted. The last line is its result, or SKIPPED with
 * its reason if the registry has no `recheck`.
 */

const version = "4.5.0";
const timeoutMs = 60_000;

const verdict = z.object({
  status: z.enum(["safe", "vulnerable", "unknown"]),
  complexity: z.object({ type: z.string(), summary: z.string() }).optional(),
  attack: z.object({ pattern: z.string() }).optional(),
});
type Verdict = z.output<typeof verdict>;

/** The used part of recheck; its answers are read by a schema. */
interface Recheck {
  checkSync(pattern: string, flags: string, options: { timeout: number }): unknown;
}

const folder = mkdtempSync(join(tmpdir(), "gatepost-recheck-"));
try {
  const found = checker(folder);
  process.exitCode = found === null ? 0 : listed(found);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Null if npm cannot install it. */
function checker(prefix: string): ((pattern: string, flags: string) => Verdict) | null {
  const args = ["install", "--prefix", prefix, "--no-audit", "--no-fund", `recheck@${version}`];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8", cwd: prefix });
  if (status !== 0) {
    process.stdout.write(`SKIPPED regular-expressions: npm has no recheck here: ${stderr.split("\n")[0]}\n`);
    return null;
  }
  const { checkSync }: Recheck = createRequire(join(prefix, "package.json"))("recheck");
  // It does not know the flag d, which does not change the matches.
  return (pattern, flags) => verdict.parse(checkSync(pattern, flags.replace("d", ""), { timeout: timeoutMs }));
}

/** An expression with what recheck says of it. */
interface Judged extends Found {
  text: string;
  verdict: Verdict;
  /** Why a slow one is accepted. */
  because: string | null;
}

function judged(check: (pattern: string, flags: string) => Verdict): Judged[] {
  const known = new Map<string, Verdict>();
  return allExpressions().flatMap((one) => {
    const file = one.at.replace(/:\d+$/, "");
    const accepted = acceptedExpressions.filter(({ file: in_, pattern }) => in_ === file && pattern === one.pattern);
    const texts = one.pattern === null ? accepted.flatMap(({ made }) => made ?? []) : [one.pattern];
    return texts.map((text) => {
      const key = JSON.stringify([text, one.flags]);
      const found = known.get(key) ?? check(text, one.flags);
      known.set(key, found);
      return { ...one, text, verdict: found, because: accepted[0]?.because ?? null };
    });
  });
}

function isFine({ verdict: { status, complexity }, because }: Judged): boolean {
  return status === "safe" || (because !== null && complexity?.type === "polynomial");
}

function lineOf({ at, text, flags, verdict: { status, complexity, attack }, because }: Judged): string {
  const why = status === "safe" ? "" : ` (${because ?? attack?.pattern})`;
  return `${at} /${text}/${flags}: ${complexity?.summary ?? status}${why}`;
}

/** The exit code. */
function listed(check: (pattern: string, flags: string) => Verdict): number {
  // It has to find a well-known exponential expression, else its other verdicts mean nothing.
  if (check("^(a+)+$", "").complexity?.type !== "exponential") throw new Error("recheck takes ^(a+)+$ for harmless");
  const all = judged(check);
  const wrong = all.filter((one) => !isFine(one));
  const slow = all.filter(({ verdict: { status } }) => status !== "safe").length - wrong.length;
  for (const one of all) process.stdout.write(`${lineOf(one)}\n`);
  for (const one of wrong) process.stdout.write(`WRONG ${lineOf(one)}\n`);
  process.stdout.write(
    `regular-expressions: ${all.length}, of which ${slow} are quadratic on short texts, and ${wrong.length} wrong\n`,
  );
  return wrong.length === 0 ? 0 : 1;
}
