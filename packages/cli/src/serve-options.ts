import { zoneFault } from "@gatepost/core/statistics";
import { TrustedProxies } from "@gatepost/http";
import { InvalidArgumentError } from "commander";
import { port } from "./options.ts";

/** An address to listen on. An empty one, as of a variable that is not set, would be every address, and in no URL. */
export function host(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It must be an address of this machine, as 127.0.0.1, or 0.0.0.0 for all of them.");
}

/** Where metrics are served: a host and a port, as 127.0.0.1:9529 or [::1]:9529. */
export function metricsAddress(text: string): { host: string; port: number } {
  const [, host = "", digits = ""] = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text) ?? [];
  if (host === "") throw new InvalidArgumentError("It must be HOST:PORT, as 127.0.0.1:9529.");
  return { host: host.replace(/^\[(.*)\]$/, "$1"), port: port(digits) };
}

/** A time zone, as `Asia/Shanghai`. */
export function zone(text: string): string {
  const fault = zoneFault(text);
  if (fault === null) return text;
  throw new InvalidArgumentError(`${fault.replace(/^must/, "It must")}.`);
}

/** Another address or network, as 10.0.0.0/8, behind those before. */
export function addresses(text: string, before: readonly string[] = []): string[] {
  try {
    new TrustedProxies([text]);
  } catch {
    throw new InvalidArgumentError("It must be an address as 10.0.0.1, or a network as 10.0.0.0/8.");
  }
  return [...before, text];
}
