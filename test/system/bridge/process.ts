import { bin } from "../../support/command.ts";
import { atEnd } from "../../unit/simulator/support.ts";
import { ending, launch } from "../cli/support.ts";

/** Runs a bridge of a file in a separate process, with additional environment variables, until it is stopped. */
export async function bridgeOf(file: string, variables: Record<string, string> = {}) {
  const child = launch([bin, "bridge", "run", "--config", file], variables);
  const ended = ending(child);
  let log = "";
  child.stderr?.on("data", (data) => (log += data));
  let isStopped = false;
  const stop = () => {
    if (!isStopped) child.kill("SIGTERM");
    isStopped = true;
    return ended;
  };
  atEnd(stop);
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (data) => resolve(String(data)));
    void ended.then(({ stderr }) => reject(new Error(stderr)));
  });
  const [, relayPort, metricsPort] = /relay on port (\d+), metrics on port (\d+)/.exec(line) ?? [];
  return { relayPort, metricsPort, log: () => log, stop };
}
