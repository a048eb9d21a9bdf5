import type { Stats } from "@gatepost/client";
import { usualKeptDays } from "@gatepost/core/statistics";
import { machineZone } from "@gatepost/core/zones";
import { dayMs, plural, timeIn } from "@gatepost/protocol";
import { type Command, Option } from "commander";
import { withApi } from "../client.ts";
import { onApi, type Reading } from "../options.ts";
import { print, table } from "../output.ts";

const units = ["half-hour", "hour", "day"] as const;

type AskedCounts = Reading & { by: (typeof units)[number]; zone: string; from?: string; to?: string; box?: string };

export function addStats(program: Command): void {
  const zone = machineZone().name;
  onApi(program.command("stats"))
    .description(`count passings by half-hour, hour or day, box and type; counts are kept for ${usualKeptDays} days`)
    .addOption(new Option("--by <unit>", "the unit of a sum").choices(units).default("day"))
    .option("--from <time>", "the earliest time, as 2026-11-05T08:00:00+08:00")
    .option("--to <time>", "the time before which they must be (default: now)")
    .option("--box <name>", "of one box")
    .option("--zone <name>", "the time zone of hours and days, as Asia/Shanghai", zone)
    .action(stats);
}

async function stats({ by, zone, from, to, box, ...options }: AskedCounts): Promise<void> {
  const query = { by, zone, from, to, box };
  const found = await withApi(options, (api) => api.ask("GET /v1/stats", { query }));
  print(found, () => inWords(found) + tooEarly(found, from ?? to), options);
}

function inWords({ buckets, busiest }: Stats): string {
  const rows = buckets.map(({ start, box, type, count }) => [start, box, type, count]);
  const sum = buckets.reduce((all, { count }) => all + count, 0);
  const peak = busiest === null ? "" : `; most in the half-hour of ${busiest.start}: ${busiest.count}`;
  return `${table(["START", "BOX", "TYPE", "PASSINGS"], rows)}\n${plural(sum, "passing", "passings")}${peak}`;
}

/** Says why there are no counts for the requested time; empty if there are some, or may be later. */
function tooEarly({ buckets: [first] }: Stats, asked: string | undefined): string {
  const keptFrom = Date.now() - usualKeptDays * dayMs;
  const isAsked = asked !== undefined && (timeIn(asked) ?? keptFrom) < keptFrom;
  // If a deployment on AWS keeps them for longer, its older counts show that.
  if (!isAsked || (first !== undefined && Date.parse(first.start) < keptFrom - dayMs)) return "";
  return `\nCounts are kept for ${usualKeptDays} days: there are none before ${new Date(keptFrom).toISOString()}.`;
}
