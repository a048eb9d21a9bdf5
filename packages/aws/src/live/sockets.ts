import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";

/** Most bytes that API Gateway takes as one message. */
export const maxMessageBytes = 128 * 1024;

/** The connections at API Gateway. */
export class Sockets {
  readonly #client: ApiGatewayManagementApiClient;
  readonly #limit: number;

  constructor(client: ApiGatewayManagementApiClient, limit: number) {
    this.#client = client;
    this.#limit = limit;
  }

  /** Returns false where the connection is no longer open. */
  async send(id: string, text: Buffer): Promise<boolean> {
    return this.#reached(
      this.#client.send(new PostToConnectionCommand({ ConnectionId: id, Data: text }), this.#inTime()),
    );
  }

  async isOpen(id: string): Promise<boolean> {
    return this.#reached(this.#client.send(new GetConnectionCommand({ ConnectionId: id }), this.#inTime()));
  }

  async end(id: string): Promise<void> {
    await this.#reached(this.#client.send(new DeleteConnectionCommand({ ConnectionId: id }), this.#inTime()));
  }

  async #reached(sent: Promise<unknown>): Promise<boolean> {
    try {
      await sent;
      return true;
    } catch (error) {
      if (error instanceof GoneException) return false;
      throw error;
    }
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#limit) };
  }
}
