import type { KeyStore, Log } from "@gatepost/ingest";
import { newsOf, type PictureReader } from "@gatepost/query";
import { Lately } from "../dynamo/recent-cache.ts";
import type { Connection, LiveConnections } from "./connections.ts";
import { forEvery } from "./for-each-limit.ts";
import type { LiveGaps } from "./delivery-gaps.ts";
import { letGo } from "./disconnect.ts";
import { LiveMessages } from "./messages.ts";
import type { Sockets } from "./sockets.ts";
import { changesIn, revokedBy, type Told, toldBy } from "./stream.ts";

/** Messages that a process remembers to have sent: a batch of the stream may come again. */
const mostSent = 50_000;
const rememberedFor = 60 * 60 * 1000;

export interface PushPorts {
  connections: LiveConnections;
  sockets: Sockets;
  gaps: LiveGaps;
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
    await this.#on.gaps.noteIfLate(news.map(({ moment }) => moment));
    await forEvery(await this.#on.connections.all(), (connection) => this.#serve(connection, news, revoked));
  }

  /** Who could not be told is let go, comes again and asks. So is everybody when the stream itself gives up a batch. */
  async #serve(connection: Connection, news: readonly News[], revoked: ReadonlySet<string>): Promise<void> {
    try {
      const isRevoked = revoked.has(connection.keyId) || (await this.#on.keys.find(connection.tokenHash)) === null;
      if (isRevoked) await letGo(connection.id, this.#on);
      else if (!(await this.#tell(connection, news))) await this.#on.connections.remove(connection.id);
    } catch (cause) {
      this.#on.log.warn("a reader of the live feed could not be told", { cause });
      await letGo(connection.id, this.#on).catch((reason: unknown) => {
        this.#on.log.warn("a reader of the live feed could not be let go", { cause: reason });
      });
    }
  }

  /** Returns false where the connection is not open any more. */
  async #tell({ id, configuration, after, upTo }: Connection, news: readonly News[]): Promise<boolean> {
    if (configuration === null) return true;
    for (const { change, moment, messages } of news) {
      const isCaughtUpWith = moment > after && moment <= upTo;
      const is = isCaughtUpWith ? null : newsOf(change, configuration);
      const name = `${id} ${moment}`;
      const now = this.#on.clock();
      if (is === null || this.#sent.find(name, now - rememberedFor)) continue;
      const text = await messages.as(configuration.form, is.isUpdate);
      if (text !== null && !(await this.#on.sockets.send(id, text))) return false;
      this.#sent.note(name, true, now);
    }
    return true;
  }
}
