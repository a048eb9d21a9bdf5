import { BoxError, plannedSetup, type SettableMake, setUpTerminal, type TerminalAddress } from "@gatepost/bridge";
import { checkBase, comesAbout, isUsed, notHeard } from "../bridge/box-setup.ts";
import { withApi } from "../client.ts";
import { Failure, sayWhy, WrongUsage } from "../failure.ts";
import { createKey } from "../keys/created.ts";
import type { Reading } from "../options.ts";
import { print } from "../output.ts";

interface TerminalSetup extends Reading {
  make: SettableMake | "uniview";
  name: string;
  user: string;
  password?: string;
  via?: string;
  /** Seconds. */
  wait: number;
  dryRun?: true;
}

const usualPort = 80;
const maxPort = 65_535;

/** Sets a terminal of another maker up to deliver to a Gatepost, under its own key. */
export async function setUpTerminalAt(address: string, { make, name, dryRun, wait, ...options }: TerminalSetup) {
  if (make === "uniview")
    throw new WrongUsage(
      "a subscription of Uniview has no path for a key; name the terminal in the file of a bridge, which subscribes to it, or set its platform address in its web page: docs/terminals.md",
    );
  const base = options.via ?? options.url;
  if (base === undefined)
    throw new WrongUsage("give with --via the address under which the terminal reaches this Gatepost");
  checkBase(base);
  const terminal = terminalAt(address, options);
  const plan = plannedSetup(make, base);
  if (dryRun === true) {
    print(
      { address, plan, changed: false },
      () => `Nothing was changed. It would set in ${address}: ${plan}.`,
      options,
    );
    return;
  }
  if (terminal.password === "")
    throw new WrongUsage("give the password of the terminal in the variable GATEPOST_TERMINAL_PASSWORD");
  await withApi(options, async (api) => {
    const key = await createKey(api, { scope: "ingest", box: name });
    await write(make, { ...terminal, base, token: key.token }).catch(async (error: unknown) => {
      // No one has the token of this key, so it would never be revoked.
      await api.ask("DELETE /v1/keys/{id}", { path: { id: key.id } });
      throw error;
    });
    const isHeard = await comesAbout(() => isUsed(api, key.id), wait);
    const done = { box: name, address, plan, changed: true, key: key.id, heard: isHeard };
    const words = `Set in ${address}: ${plan}. Its key is ${key.id}, of box ${name}.`;
    print(done, () => `${words}${isHeard ? " It has reported." : ""}`, options);
    if (!isHeard) throw notHeard(wait, base);
  });
}

async function write(make: SettableMake, wanted: TerminalAddress & { base: string; token: string }): Promise<void> {
  try {
    await setUpTerminal(make, wanted, AbortSignal.timeout(60_000));
  } catch (error) {
    if (!(error instanceof BoxError)) throw error;
    throw new Failure(`the terminal cannot be set up: ${sayWhy(error)}`, { cause: error });
  }
}

function terminalAt(
  address: string,
  { user, password = "" }: Pick<TerminalSetup, "user" | "password">,
): TerminalAddress {
  const [, host, port = usualPort] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(address) ?? [];
  if (host === undefined || Number(port) > maxPort)
    throw new WrongUsage("give the address of the terminal as 192.168.1.64");
  return { host, port: Number(port), user, password };
}
