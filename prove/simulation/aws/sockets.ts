import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { Network } from "./network.ts";
import type { Process } from "./process.ts";

/** The open connections of API Gateway: each takes messages, and ends once. */
export class OpenSockets {
  readonly #open = new Map<string, { receive(text: string): void; ended(): void }>();

  open(id: string, socket: { receive(text: string): void; ended(): void }): void {
    this.#open.set(id, socket);
  }

  end(id: string): void {
    const socket = this.#open.get(id);
    this.#open.delete(id);
    socket?.ended();
  }

  send(id: string, text: string): void {
    this.#openOne(id).receive(text);
  }

  /** Throws if the connection is over. */
  ask(id = ""): void {
    this.#openOne(id);
  }

  #openOne(id: string) {
    const socket = this.#open.get(id);
    if (socket === undefined) throw new GoneException({ message: "Gone", $metadata: {} });
    return socket;
  }
}

/** A client of API Gateway's connections, for one process. */
export function socketsClient(
  process: Process,
  { network, sockets }: { network: Network; sockets: OpenSockets },
): ApiGatewayManagementApiClient {
  const client: ApiGatewayManagementApiClient = Object.create(ApiGatewayManagementApiClient.prototype);
  const send = (command: object, { abortSignal: signal }: { abortSignal?: AbortSignal } = {}) => {
    const name = command.constructor.name.replace(/Command$/, "");
    return network.call(process, {
      service: "sockets",
      name,
      signal,
      apply: () => {
        if (command instanceof PostToConnectionCommand) {
          const { ConnectionId: id = "", Data: data } = command.input;
          if (!(data instanceof Uint8Array)) throw new Error("a connection in memory takes bytes only");
          sockets.send(id, Buffer.from(data).toString());
        } else if (command instanceof DeleteConnectionCommand) sockets.end(command.input.ConnectionId ?? "");
        else if (command instanceof GetConnectionCommand) sockets.ask(command.input.ConnectionId);
        else throw new Error(`no connection in memory knows ${name}`);
        return {};
      },
    });
  };
  Object.defineProperty(client, "send", { value: send });
  return client;
}
