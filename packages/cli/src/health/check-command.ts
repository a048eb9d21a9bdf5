import { type Command, Option } from "commander";
import { withApi } from "../client.ts";
import { endSignal, Failure, Interrupted } from "../failure.ts";
import { onApi, type Reading, seconds } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { type Checked, check } from "./check.ts";

export function addCheck(program: Command): void {
  onApi(program.command("check"))
    .description("post a marked report, read it back, find it in the feed and on the bus, and erase it")
    .addOption(
      new Option("--ingest-key <key>", "an ingest key of the box gatepost-check, instead of one for this check").env(
        "GATEPOST_CHECK_KEY",
      ),
    )
    .option("--timeout <seconds>", "how long to wait for each expected result", seconds, 60)
    .action(checkAll);
}

async function checkAll({
  ingestKey,
  timeout,
  ...options
}: Reading & { ingestKey?: string; timeout: number }): Promise<void> {
  const ended = endSignal();
  const checked = await withApi(options, (api) => {
    const { url } = api;
    if (url === null) throw new Failure("no server runs on this data folder; start it, or give --url");
    return check(api, { url, ingestKey, timeoutMs: timeout * 1000, ended });
  });
  if (ended.aborted) throw new Interrupted();
  print(checked, () => inWords(checked), options);
  const failures = checked.steps.flatMap(({ step, failed }) => (failed === null ? [] : [`${step}: ${failed}`]));
  if (failures.length > 0) throw new Failure(`the check failed: ${failures.join("; ")}`);
}

function inWords({ ok, url, steps }: Checked): string {
  const lines = steps.map(({ step, ms, failed }) => `${failed === null ? "ok    " : "FAILED"}  ${step}, ${ms} ms`);
  return plain([...lines, ok ? `${url} works.` : `${url} does not work.`].join("\n"));
}
