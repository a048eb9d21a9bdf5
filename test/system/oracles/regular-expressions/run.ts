import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { acceptedExpressions } from "../../../../scripts/regular-expressions/accepted.ts";
import { allExpressions } from "../../../../scripts/regular-expressions/find.ts";

/*
 * Lists every regular expression of the sources with how long it may take, as `recheck` (npm) knows it, which looks for
 * the text that is worst for each. Fails for one that is not linear and not accepted. The last line is its result, or
 * SKIPPED with its reason where the registry has no `recheck`.
 */

const version = "4.5.0";
const timeoutMs = 60_000;

const verdict = z.object({
  status: z.enum(["safe", "vulnerable", "unknown"]),
  complexity: z.object({ type: z.string(), summary: z.string() }).optional(),
  attack: z.object({ pattern: z.string() }).optional(),
});
type Verdict = z.output<typeof verdict>;

const folder = mkdtempSync(join(tmpdir(), "gatepost-recheck-"));
try {
  const found = checker(folder);
  process.exitCode = found === null ? 0 : listed(found);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Null where npm cannot install it. */
function checker(prefix: string): ((pattern: string, flags: string) => Verdict) | null {
  const args = ["install", "--prefix", prefix, "--no-audit", "--no-fund", `recheck@${version}`];
  const { status, stderr } = spawnSync("npm", args, { encoding: "utf8", cwd: prefix });
  if (status !== 0) {
    process.stdout.write(`SKIPPED regular-expressions: npm has no recheck here: ${stderr.split("\n")[0]}\n`);
    return null;
  }
  const module: unknown = createRequire(join(prefix, "package.json"))("recheck");
  const { checkSync } = z.object({ checkSync: z.function() }).parse(module);
  return (pattern, flags) => verdict.parse(checkSync(pattern, flags, { timeout: timeoutMs }));
}

function listed(check: (pattern: string, flags: string) => Verdict): number {
  // It has to find what everybody knows, else it finds nothing.
  if (check("^(a+)+$", "").complexity?.type !== "exponential") throw new Error("recheck takes ^(a+)+$ for harmless");
  const [known, wrong]: [Map<string, Verdict>, string[]] = [new Map(), []];
  const judge = (pattern: string, flags: string) => {
    const key = JSON.stringify([pattern, flags]);
    const judged = known.get(key) ?? check(pattern, flags);
    known.set(key, judged);
    return judged;
  };
  for (const { at, pattern, flags } of allExpressions()) {
    const file = at.replace(/:\d+$/, "");
    const accepted = acceptedExpressions.filter((one) => one.file === file && one.pattern === pattern);
    for (const text of pattern === null ? accepted.flatMap(({ made }) => made ?? []) : [pattern]) {
      const { status, complexity, attack } = judge(text, flags);
      const isFine = status === "safe" || (accepted.length > 0 && complexity?.type === "polynomial");
      const line = `${isFine ? "" : "WRONG "}${at} /${text}/${flags}: ${complexity?.summary ?? status}`;
      process.stdout.write(`${line}${status === "safe" ? "" : ` (${accepted[0]?.because ?? attack?.pattern})`}\n`);
      if (!isFine) wrong.push(line);
    }
    if (pattern === null && accepted.length === 0) wrong.push(`${at}: nobody knows what it comes to`);
  }
  const slow = acceptedExpressions.filter(({ pattern }) => pattern !== null).length;
  process.stdout.write(
    `${wrong.join("\n")}\nregular-expressions: ${known.size} of them, ${slow} places quadratic on short texts, ${wrong.length} wrong\n`,
  );
  return wrong.length === 0 ? 0 : 1;
}
