import { spawnSync } from "node:child_process";

/**
 * Why a test cannot run here, or null. If everything is required (as in CI), a missing program is a failure of the
 * test, not a reason to leave it out.
 */
export function missing(program: string, args: readonly string[], what: string): string | null {
  if (process.env["GATEPOST_REQUIRE_ALL"] === "1") return null;
  const { status } = spawnSync(program, args, { stdio: "ignore" });
  return status === 0 ? null : `${what} is not installed`;
}
