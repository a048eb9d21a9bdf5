import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dial, endpointOf, PrivateTarget, privateHost, why } from "@gatepost/alerts/targets";
import { isPem } from "@gatepost/core/authority";
import { jsonFaultAt } from "../../bus/json-fault.ts";
import { type Rule, readRules } from "../../bus/rules.ts";
import { companyFileIn } from "../../runtime/company.ts";
import type { Examined, Finding } from "./finding.ts";

/** ms to wait for a target. */
const timeoutMs = 5000;

/** Whether the targets of the rules can be reached. It connects, and sends nothing. */
export async function* targets({ path }: Pick<Examined, "path">): AsyncGenerator<Finding> {
  const file = join(path, "rules.json");
  if (!existsSync(file)) {
    yield { check: "targets", state: "ok", said: "there are no rules" };
    return;
  }
  const read = rulesIn(file);
  if (typeof read === "string") {
    const todo = "correct it; until then the server uses the last good rules, if there are any";
    yield { check: "targets", state: "wrong", said: `rules.json cannot be used: ${read}`, todo };
    return;
  }
  for (const { rule, line, column, reason } of read.faults) {
    const said = `the rule ${rule ?? "without a name"} of line ${line}, column ${column} cannot be used: ${reason}`;
    yield { check: "targets", state: "wrong", said, todo: "correct it in rules.json" };
  }
  for (const { rule, line, column, reason } of read.warnings) {
    const said = `the rule ${rule} of line ${line}, column ${column} can never match: ${reason}`;
    yield { check: "targets", state: "note", said };
  }
  yield* await Promise.all([...read.rules.values()].map(reach));
}

/** Whether oidc.json, if there is one, can be used. */
export async function* company({ path }: Pick<Examined, "path">): AsyncGenerator<Finding> {
  try {
    if ((await companyFileIn(path)) !== null) yield { check: "company", state: "ok", said: "oidc.json can be used" };
  } catch (error) {
    const todo = "correct it; until then no one signs in by the company";
    yield { check: "company", state: "wrong", said: error instanceof Error ? error.message : String(error), todo };
  }
}

/** The files of certificates that the rules of a data folder name. */
export function filesOfRules(folder: string): string[] {
  const file = join(folder, "rules.json");
  const read = existsSync(file) ? rulesIn(file) : "";
  if (typeof read === "string") return [];
  return [...read.rules.values()].flatMap(({ target: { ca } }) => (ca === null || isPem(ca) ? [] : [ca]));
}

function rulesIn(file: string): ReturnType<typeof readRules> | string {
  let text = "";
  try {
    text = readFileSync(file, "utf8").replace(/^\u{feff}/u, "");
    // Only the server knows whether all rules may use private targets, and whether events are announced.
    return readRules(text, { allowPrivateTargets: true, announceEvents: true });
  } catch (error) {
    if (!(error instanceof SyntaxError)) return error instanceof Error ? error.message : String(error);
    // The text of the error would quote the file, which may contain a secret.
    const { line, column } = jsonFaultAt(text);
    return `it is no JSON at line ${line}, column ${column}`;
  }
}

async function reach({ name, target }: Rule): Promise<Finding> {
  const { url, allowPrivate, ca } = target;
  const host = allowPrivate ? null : privateHost(url);
  if (host !== null) {
    const said = `${name}: ${new PrivateTarget(host).message}, or start the server with --allow-private-targets`;
    return { check: "targets", state: "note", said };
  }
  try {
    await connected({ url, allowPrivate, ca });
    return { check: "targets", state: "ok", said: `${name}: ${url.host} is there` };
  } catch (error) {
    const said = `${name}: ${url.host} cannot be reached: ${why(error, ca)}`;
    return { check: "targets", state: "wrong", said, todo: "what it misses waits for a day, then is a dead letter" };
  }
}

/** Resolves once a connection is open, with TLS if the address asks for it. */
async function connected(target: { url: URL; allowPrivate: boolean; ca: string | null }): Promise<void> {
  const to = { ...target, ...endpointOf(target.url) };
  const socket = dial(to);
  return new Promise<void>((resolve, reject) => {
    socket.setTimeout(timeoutMs, () => reject(new Error(`no answer in ${timeoutMs / 1000} s`)));
    socket.once(to.isTls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", reject);
  }).finally(() => socket.destroy());
}
