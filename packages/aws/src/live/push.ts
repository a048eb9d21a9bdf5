import type { KeyStore, Log } from "@gatepost/ingest";
import { newsOf, type PictureReader } from "@gatepost/query";
import { Lately } from "../lately.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import { LiveMessages } from "./messages.ts";
import type { Sockets } from "./sockets.ts";
import { changesIn, revokedBy, type Told, toldBy } from "./stream.ts";

/** Connections that are sent to at the same time. */
const atOnce = 50;

/** Messages that a process remembers to have sent: a batch of the stream may come again. */
const mostSent = 50_000;
const rememberedFor = 60 * 60 * 1000;

export interface PushPorts {
  connections: LiveConnections;
  sockets: Sockets;
  keys: KeyStore;
  pictures: PictureReader;
  log: Log;
  clock(): number;
}

interface News extends Told {
  messages: LiveMessages;
}

/** Tells readers what the table's stream tells: the handler of the stream. */
export class LivePush {
  readonly #on: PushPorts;
  readonly #sent = new Lately<true>(mostSent);

  constructor(on: PushPorts) {
    this.#on = on;
  }

  /** Throws only before anything is sent: then the batch comes again, whole. */
  async push(event: unknown): Promise<void> {
    const changes = changesIn(event);
    const news = changes.flatMap((change) => {
      const told = toldBy(change);
      return told === null
        ? []
        : [{ ...told, messages: new LiveMessages(told.stored, told.change.event, this.#on.pictures) }];
    });
    const revoked = new Set(changes.flatMap((change) => revokedBy(change) ?? []));
    if (news.length === 0 && revoked.size === 0) return;
    const waiting = await this.#on.connections.all();
    const serve = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await this.#serve(next, news, revoked);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, waiting.length) }, serve));
  }

  /** Who could not be told is let go, comes again and asks. Only a batch that the stream itself gave up is told to nobody. */
  async #serve(connection: Connection, news: readonly News[], revoked: ReadonlySet<string>): Promise<void> {
    try {
      const isRevoked = revoked.has(connection.keyId) || (await this.#on.keys.find(connection.tokenHash)) === null;
      if (isRevoked) await this.#letGo(connection);
      else if (!(await this.#tell(connection, news))) await this.#on.connections.remove(connection.id);
    } catch (cause) {
      this.#on.log.warn("a reader of the live feed could not be told", { cause });
      await this.#letGo(connection).catch((reason: unknown) => {
        this.#on.log.warn("a reader of the live feed could not be let go", { cause: reason });
      });
    }
  }

  /** Returns false where the connection is not open any more. */
  async #tell({ id, configuration, from }: Connection, news: readonly News[]): Promise<boolean> {
    if (configuration === null) return true;
    for (const { change, moment, messages } of news) {
      const is = moment > from ? newsOf(change, configuration) : null;
      const name = `${id} ${moment}`;
      const now = this.#on.clock();
      if (is === null || this.#sent.find(name, now - rememberedFor)) continue;
      const text = await messages.as(configuration.form, is.isUpdate);
      if (text !== null && !(await this.#on.sockets.send(id, text))) return false;
      this.#sent.note(name, true, now);
    }
    return true;
  }

  async #letGo({ id }: Connection): Promise<void> {
    await this.#on.sockets.end(id);
    await this.#on.connections.remove(id);
  }
}
