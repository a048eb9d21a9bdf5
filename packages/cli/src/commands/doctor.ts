import { examine, type Finding, repair, trustClock } from "@gatepost/embedded";
import type { Command } from "commander";
import * as z from "zod";
import { dataFailure } from "../data-failure.ts";
import { existingFolder, nameFolder } from "../data-folder.ts";
import { Failure } from "../failure.ts";
import { onFolder } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { findAnswering } from "../running.ts";

export function addDoctor(program: Command): void {
  onFolder(program.command("doctor"))
    .description("look at a data folder, whether a server runs or not; exit code 1 if something is wrong")
    .option("--deep", "read every picture and every page of the database, too")
    .option("--repair", "make all possible repairs; no server may run")
    .option(
      "--trust-clock",
      "believe this machine's clock at once, even if the store noted another time; no server may run",
    )
    .option("--json", "print one JSON document")
    .action(doctor);
}

const healthSchema = z.object({ reasons: z.array(z.string()).default([]) });
const healthTimeoutMs = 10_000;

interface Asked {
  data: string;
  deep?: true;
  repair?: true;
  trustClock?: true;
  json?: true;
}

async function doctor({ data, deep, repair: isRepairing, trustClock: isTrusted, ...options }: Asked): Promise<void> {
  const folder = existingFolder(data);
  nameFolder(folder);
  try {
    if (isRepairing === true) await repair(folder);
    if (isTrusted === true) await trustClock(folder);
    const findings = [...(await examine(folder, { isDeep: deep === true })), ...(await findingsOfServer(folder))];
    print({ findings }, () => findings.map(inWords).join("\n"), { ...options, data });
    const wrong = findings.filter(({ state }) => state === "wrong").length;
    if (wrong > 0) throw new Failure(wrong === 1 ? "one thing is wrong" : `${wrong} things are wrong`);
  } catch (error) {
    throw dataFailure(error, folder);
  }
}

/** The concerns of the server that runs on a folder, such as its certificate. */
async function findingsOfServer(folder: string): Promise<Finding[]> {
  const server = await findAnswering(folder);
  if (server === null) return [];
  const answer = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(healthTimeoutMs) });
  const { reasons } = healthSchema.parse(await answer.json());
  return reasons.map((said) => ({ check: "server", state: "wrong", said }));
}

const signs: Record<Finding["state"], string> = { ok: " ", note: "-", wrong: "!" };

function inWords({ check, state, said, todo }: Finding): string {
  return plain(`${signs[state]} ${check.padEnd(12)} ${said}${todo === undefined ? "" : `: ${todo}`}`);
}
