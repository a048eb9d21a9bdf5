import { plural } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { type Api, withApi } from "../client.ts";
import { Failure } from "../failure.ts";
import { resultOfJob } from "../jobs/wait.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { ProgressBar } from "../progress-bar.ts";

type Asked = Reading & { from: string; to?: string; dryRun?: true };

const reasons = {
  had: "which the rule had, or waits for",
  tooOld: "too old for the rule",
  declined: "of declined actions",
  done: "of actions that are done",
  withheld: "of withheld actions",
  pending: "of actions that are announced soon anyway",
  unmatched: "which the rule does not match",
  dead: "which the target did not take (`gatepost deadletters list`)",
  held: "of which people got no alert of its own: a cooldown, quiet hours, many at once, a muted person",
  gone: "erased meanwhile",
} as const;

const resent = z.object({
  sent: z.number(),
  had: z.number(),
  tooOld: z.number(),
  declined: z.number(),
  done: z.number(),
  withheld: z.number(),
  pending: z.number(),
  unmatched: z.number(),
  dead: z.number(),
  held: z.number(),
  gone: z.number(),
});

export function addResend(rules: Command): void {
  onApi(rules.command("resend"))
    .argument("<name>", "the rule")
    .description("send a rule the entries of events and open actions that it has not had, behind live ones")
    .requiredOption("--from <time>", "the earliest time of a passing, as 2026-11-05T08:00:00+08:00")
    .option("--to <time>", "the time before which they must be (default: now)")
    .option("--dry-run", "count them, and send none")
    .action(resend);
}

async function resend(name: string, { from, to, dryRun, ...options }: Asked): Promise<void> {
  using bar = new ProgressBar(dryRun ? "counting" : "sending");
  const done = await withApi(options, (api) => resultOf(name, { from, to, dryRun }, { api, bar }));
  bar[Symbol.dispose]();
  print(done, () => inWords(done, dryRun === true), options);
}

async function resultOf(
  name: string,
  { from, to, dryRun = false }: { from: string; to?: string | undefined; dryRun?: boolean | undefined },
  { api, bar }: { api: Api; bar: ProgressBar },
): Promise<z.output<typeof resent>> {
  if (api.url === null && !dryRun)
    throw new Failure("no server runs on this folder, so nothing is sent: start it first");
  const body = { from, dryRun, ...(to === undefined ? {} : { to }) };
  const { id } = await api.ask("POST /v1/rules/{name}/resend", { path: { name }, body });
  return resultOfJob(api, id, { result: resent, show: bar.show.bind(bar) });
}

function inWords(counts: z.output<typeof resent>, isDryRun: boolean): string {
  const sent = isDryRun
    ? `${plural(counts.sent, "entry would be", "entries would be")} sent.`
    : `${plural(counts.sent, "entry was", "entries were")} sent behind live ones.`;
  const others = Object.entries(reasons).flatMap(([name, why]) => {
    const count = counts[name as keyof typeof reasons];
    return count === 0 ? [] : [`not sent: ${count} ${why}`];
  });
  return [sent, ...others].join("\n");
}
