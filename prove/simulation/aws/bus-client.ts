import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Random } from "@gatepost/simulator";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";
import type { Troubles } from "./troubles.ts";

/** An entry that the bus has taken. */
export interface TakenEntry {
  detailType: string;
  detail: string;
  at: number;
  /** The process that sent it, and which of its calls: the SDK repeats a call, and that is no second announcement. */
  call: string;
}

interface Ports {
  network: Network;
  random: Random;
  troubles: Troubles;
  clock(): number;
  nextCall(): number;
  taken(entry: TakenEntry): void;
}

/** A client of the bus in memory, for one process. */
export function busClient(
  process: Process,
  { network, random, troubles, clock, nextCall, taken }: Ports,
): EventBridgeClient {
  const client: EventBridgeClient = Object.create(EventBridgeClient.prototype);
  const send = (command: object, { abortSignal: signal }: { abortSignal?: AbortSignal } = {}) => {
    if (!(command instanceof PutEventsCommand)) throw new Error("the bus in memory does not know this command");
    const call = `${process.name} ${nextCall()}`;
    return network.call(process, {
      service: "bus",
      name: "PutEvents",
      signal,
      apply: () => {
        const refusals = troubles.strength("bus-partial");
        const Entries = (command.input.Entries ?? []).map(({ DetailType = "", Detail = "" }) => {
          if (random() < refusals) return { ErrorCode: "InternalFailure", ErrorMessage: "try again" };
          taken({ detailType: DetailType, detail: Detail, at: clock(), call });
          return { EventId: "taken" };
        });
        return { Entries, FailedEntryCount: Entries.filter((entry) => "ErrorCode" in entry).length };
      },
    });
  };
  Object.defineProperty(client, "send", { value: send });
  Object.defineProperty(client, "destroy", { value: () => {} });
  return client;
}
