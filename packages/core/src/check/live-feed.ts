import { checkBox } from "@gatepost/protocol";
import * as z from "zod/mini";

/** ms to connect. On AWS, functions may have to start for the first client. */
const connectTimeoutMs = 20_000;

const message = z.object({ identity_id: z.string() });

/** A client of the live feed that hears of one person of the box of checks. */
export class CheckedFeed {
  readonly #socket: WebSocket;
  readonly #heard = Promise.withResolvers<void>();

  private constructor(socket: WebSocket, person: string) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const read = message.safeParse(parse(data)).data;
      if (read?.identity_id === person) this.#heard.resolve();
    });
    socket.addEventListener("close", () => this.#heard.reject(new Error("the live feed ended the connection")));
    // Without a handler, a rejection before any caller waits would end the process.
    this.#heard.promise.catch(() => undefined);
  }

  /** @param url of the feed, without a token */
  static async open(url: string, ticket: string, person: string): Promise<CheckedFeed> {
    const socket = new WebSocket(`${url}?token=${encodeURIComponent(ticket)}`);
    const refused = new Error(
      `the live feed does not open at ${url}; give its address with --live, as the deployment printed it`,
    );
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(refused), connectTimeoutMs);
      const end = (settle: () => void) => () => {
        clearTimeout(late);
        settle();
      };
      socket.addEventListener("open", end(resolve));
      socket.addEventListener(
        "error",
        end(() => reject(refused)),
      );
    }).catch((error: unknown) => {
      socket.close();
      throw error;
    });
    const feed = new CheckedFeed(socket, person);
    socket.send(JSON.stringify({ need_face: false, need_register: false, event_list: [checkBox] }));
    return feed;
  }

  /**
   * Whether a message about the person is received within so many ms. Throws if the feed ended the connection.
   */
  async hears(ms: number): Promise<boolean> {
    let late: NodeJS.Timeout | undefined;
    const silence = new Promise<boolean>((resolve) => {
      late = setTimeout(() => resolve(false), ms);
    });
    try {
      return await Promise.race([this.#heard.promise.then(() => true), silence]);
    } finally {
      clearTimeout(late);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function parse(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
