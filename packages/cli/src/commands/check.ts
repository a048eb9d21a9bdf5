import { type Command, InvalidArgumentError, Option } from "commander";
import { type Checked, check } from "../check/check.ts";
import { withApi } from "../client.ts";
import { endSignal, Failure, Interrupted } from "../failure.ts";
import { onApi, type Reading, seconds } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";

export function addCheck(program: Command): void {
  onApi(program.command("check"))
    .description("post a marked report, read it back, hear it on the live feed and the bus, and erase it")
    .option("--live <url>", "the address of the live feed, if not /live of the same address, as wss://…", liveUrl)
    .addOption(
      new Option("--ingest-key <key>", "an ingest key of the box gatepost-check, instead of one for this check").env(
        "GATEPOST_CHECK_KEY",
      ),
    )
    .option("--timeout <seconds>", "how long to wait for each expected result", seconds, 60)
    .action(checkAll);
}

type Asked = Reading & { live?: string; ingestKey?: string; timeout: number };

async function checkAll({ live, ingestKey, timeout, ...options }: Asked): Promise<void> {
  const ended = endSignal();
  const checked = await withApi(options, (api) => {
    const { url } = api;
    if (url === null) throw new Failure("no server runs on this data folder; start it, or give --url");
    const feed = live ?? `${url.replace(/^http/i, "ws")}/live`;
    return check(api, { url, live: feed, ingestKey, timeoutMs: timeout * 1000, ended });
  });
  if (ended.aborted) throw new Interrupted();
  print(checked, () => inWords(checked), options);
  const failures = checked.steps.flatMap(({ step, failed }) => (failed === null ? [] : [`${step}: ${failed}`]));
  if (failures.length > 0) throw new Failure(`the check failed: ${failures.join("; ")}`);
}

function liveUrl(text: string): string {
  if (/^(?:ws|http)s?:$/.test(URL.parse(text)?.protocol ?? "")) return text;
  throw new InvalidArgumentError("It must be an address as wss://gate.example.com/live.");
}

function inWords({ ok, url, steps }: Checked): string {
  const lines = steps.map(({ step, ms, failed }) => `${failed === null ? "ok    " : "FAILED"}  ${step}, ${ms} ms`);
  return plain([...lines, ok ? `${url} works.` : `${url} does not work.`].join("\n"));
}
