import { examine, type Finding, repair, trustClock } from "@gatepost/embedded";
import { type Command, Option } from "commander";
import * as z from "zod";
import { Failure, WrongUsage } from "../../failure.ts";
import type { HintTarget } from "../../hints.ts";
import { onFolder, targetUrl } from "../../options.ts";
import { print } from "../../output.ts";
import { plain } from "../../plain.ts";
import { isKeyLike, noting } from "../../remote.ts";
import { dataFailure } from "../../runtime/data-failure.ts";
import { existingFolder, nameFolder } from "../../runtime/data-folder.ts";
import { findAnswering, type RunningServer } from "../../runtime/running.ts";
import { examineOutside, type OutsideFinding } from "./outside.ts";

export function addDoctor(program: Command): void {
  onFolder(program.command("doctor"))
    .description("look at a data folder, or at a server from outside; exit code 1 if something is wrong")
    .option("--deep", "read every picture and every page of the database, too")
    .option("--repair", "make all possible repairs; no server may run")
    .option(
      "--trust-clock",
      "believe this machine's clock at once, even if the store noted another time; no server may run",
    )
    .addOption(
      new Option(
        "--url <url>",
        "a server, asked through its proxy, with the settings of nginx and Caddy that are wrong",
      )
        .argParser(targetUrl)
        .conflicts(["data", "deep", "repair", "trustClock"]),
    )
    .addOption(new Option("--token <key>", "a key of it: read for most, admin for all").env("GATEPOST_TOKEN"))
    .option("--json", "print one JSON document")
    .action(doctor);
}

const healthSchema = z.object({ reasons: z.array(z.string()).default([]) });
const signInSchema = z.object({ passkeysAt: z.url().nullable() });
const healthTimeoutMs = 10_000;

interface AskedFindings {
  data: string;
  deep?: true;
  repair?: true;
  trustClock?: true;
  url?: string;
  token?: string;
  json?: true;
}

async function doctor({ data, url, token, json, ...how }: AskedFindings): Promise<void> {
  if (url !== undefined) {
    if (token !== undefined && !isKeyLike(token)) throw new WrongUsage("--token must be a key, as gpa_…");
    report(await noting(url, () => examineOutside(url, token)), { url, ...(json && { json }) });
    return;
  }
  const folder = existingFolder(data);
  nameFolder(folder);
  try {
    if (how.repair === true) await repair(folder);
    if (how.trustClock === true) await trustClock(folder);
    const server = await findAnswering(folder);
    const passkeyHost = server === null ? undefined : await passkeyHostOf(server);
    const ofFolder = await examine(folder, { isDeep: how.deep === true, passkeyHost });
    const findings = [...ofFolder, ...(server === null ? [] : await findingsOf(server))];
    report(findings, { data, ...(json && { json }) });
  } catch (error) {
    throw dataFailure(error, folder);
  }
}

/** Prints findings. Throws Failure if something is wrong. */
function report(findings: readonly (Finding | OutsideFinding)[], options: HintTarget & { json?: true }): void {
  print({ findings }, () => findings.map(inWords).join("\n"), options);
  const wrong = findings.filter(({ state }) => state === "wrong").length;
  if (wrong > 0) throw new Failure(wrong === 1 ? "one thing is wrong" : `${wrong} things are wrong`);
}

/** The concerns of the server that runs on a folder, such as its certificate. */
async function findingsOf({ url }: RunningServer): Promise<Finding[]> {
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(healthTimeoutMs) });
  const { reasons } = healthSchema.parse(await answer.json());
  return reasons.map((said) => ({ check: "server", state: "wrong", said }));
}

/** The host for which passkeys count there; empty if there is none, undefined if the server cannot tell. */
async function passkeyHostOf({ url }: RunningServer): Promise<string | undefined> {
  const answer = await fetch(`${url}/v1/sign-in`, { signal: AbortSignal.timeout(healthTimeoutMs) });
  const read = signInSchema.safeParse(await answer.json());
  if (!read.success) return;
  const { passkeysAt } = read.data;
  return passkeysAt === null ? "" : new URL(passkeysAt).hostname;
}

const signs: Record<Finding["state"], string> = { ok: " ", note: "-", wrong: "!" };

function inWords({ check, state, said, todo }: Finding | OutsideFinding): string {
  return plain(`${signs[state]} ${check.padEnd(12)} ${said}${todo === undefined ? "" : `: ${todo}`}`);
}
