import { start, usualMaxBody, writeKeys } from "./runtime/start.ts";
import { usualPort } from "./urls.ts";

/** How a Gatepost within another program is set. The same as the options of `gatepost serve`. */
export interface GatepostOptions {
  /** The data folder; it is made if it does not exist. */
  data: string;
  /** 9528 by default; 0 takes a free one. */
  port?: number;
  /** The address to listen on; "0.0.0.0" by default. */
  host?: string;
  /** Bytes of the largest report; 64 MB by default, at most 512 MB. */
  maxBody?: number;
  /** Under which address others reach it, as https://gate.example.com. */
  publicUrl?: string;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed. */
  trustProxy?: readonly string[];
  /** PEM files of the certificate to speak TLS with and of its key, read again when they change: both or none. */
  tlsCert?: string;
  tlsKey?: string;
  /** The time zone whose hours are the rhythm of boxes; the machine's by default. */
  zone?: string;
  /** The company's provider of OpenID Connect, and the file with its secret: all three or none. */
  oidcIssuer?: string;
  oidcClientId?: string;
  oidcClientSecretFile?: string;
  /** Puts every event on the bus, also those that ask for no action. */
  announceEvents?: true;
  /** Lets every rule send to private addresses. */
  allowPrivateTargets?: true;
}

export interface Gatepost {
  /** The address of the server for this machine. */
  url: string;
  /** A key of scope admin that lives as long as this server. */
  token: string;
  /** Takes no new requests, finishes those in flight, and leaves the folder. */
  stop(): Promise<void>;
}

/**
 * Starts a Gatepost in this process. The first start on a folder writes its first keys to `first-keys.json` there. It
 * logs to stderr. Rejects with one line that says what to do, for example if another server has the folder.
 *
 * @example
 * const gatepost = await startGatepost({ data: "/var/lib/gatepost", port: 0 });
 * await fetch(`${gatepost.url}/v1/boxes`, { headers: { authorization: `Bearer ${gatepost.token}` } });
 * await gatepost.stop();
 */
export async function startGatepost(options: GatepostOptions): Promise<Gatepost> {
  const asked = { port: usualPort, host: "0.0.0.0", maxBody: usualMaxBody, ...options };
  const { url, token, stop } = await start(asked, writeKeys);
  return { url, token, stop };
}
