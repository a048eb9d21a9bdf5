import { omitAbsent } from "@gatepost/protocol";
import type { Key, KeyStore } from "../keys/index.ts";
import { type Sessions, userOf } from "./sessions.ts";

/** A key or a session, as the socket of one machine needs it. `id` is of the key or the account, or `setup`. */
export interface Viewer extends Pick<Key, "id" | "boxes" | "expiresAt"> {
  /** The provider of the person has to be asked again: the next request does it, so the client has to connect again. */
  isDue?: boolean;
}

interface Deps {
  keys: Pick<KeyStore, "find">;
  sessions: Pick<Sessions, "find" | "isDue">;
}

/** Finds who is behind the hash of a token: a key that is not for ingest, or a session. */
export class Viewers {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Null if the key was revoked, or the session has ended. */
  async find(tokenHash: string): Promise<Viewer | null> {
    const key = await this.#deps.keys.find(tokenHash);
    if (key !== null) return key;
    const session = await this.#deps.sessions.find(tokenHash);
    if (session === null) return null;
    const isDue = this.#deps.sessions.isDue(session);
    return { id: userOf(session), expiresAt: session.expiresAt, ...omitAbsent({ boxes: session.boxes }), isDue };
  }
}
