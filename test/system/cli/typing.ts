import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bodyOf, type Listening, listen } from "../../standins/listen.ts";
import { gatepost as run } from "./support.ts";

/**
 * The beginning of a script in which `gatepost`, `npx gatepost` and `curl` do what documents show.
 *
 * @param commands the address that `commandsHere` listens on
 */
export function functions(commands: string, data: string): string {
  return `set -eu -o pipefail
gatepost() {
  local data=(--data '${data}') said; [[ "$1" == simulate || " $* " == *" --data "* ]] && data=()
  said=$(printf '%s\\0' "$@" "\${data[@]}" | command curl -sS --data-binary @- '${commands}')
  cat "$said/stdout"; cat "$said/stderr" >&2; return "$(< "$said/code")"
}
npx() { [ "$1" = gatepost ] && shift && gatepost "$@"; }
curl() { command curl --fail-with-body --silent --show-error "$@"; echo; }
`;
}

/**
 * Runs `gatepost` here for a script, which has no process to start for each command: takes its arguments, and gives the
 * folder of what it wrote and of its exit code.
 */
export function commandsHere(folder: string): Promise<Listening> {
  let commands = 0;
  return listen(async (request, response) => {
    const args = (await bodyOf(request)).toString().split("\0").slice(0, -1);
    const { code, stdout, stderr } = await run(...args);
    const said = join(folder, `said-${commands++}`);
    await mkdir(said);
    for (const [name, text] of Object.entries({ stdout, stderr, code: `${code}` })) {
      await writeFile(join(said, name), text);
    }
    response.end(said);
  });
}

/** Runs a script to its end, with any amount of output. */
export function bash(script: string, cwd: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile("bash", ["-c", script], { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
