import { createDecipheriv, createECDH, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { pemOf } from "../support/certificates.ts";
import { bodyOf } from "./listen.ts";

/** A notification as the browser gets it. */
export interface Pushed {
  browser: string;
  content: unknown;
  urgency: string | undefined;
  ttl: number;
}

interface Browser {
  ecdh: ReturnType<typeof createECDH>;
  auth: Buffer;
  /** The public key for which it subscribed. */
  publicKey: string;
}

const claims = z.object({ aud: z.string(), exp: z.int(), sub: z.string().optional() });

/** Apple takes contacts alone whose host can exist. */
const contactOfApple = /^(?:mailto:[^@]+@|https:\/\/)(?:[\w-]+\.)+(?!local$|lan$|test$|example$|invalid$)[a-z]{2,}$/;

/**
 * A push service with its browsers, by https on this machine. It checks who sends (RFC 8292), and each browser decrypts
 * what it gets (RFC 8291). Refusals have the statuses that Google, Mozilla and Apple use.
 */
export class PushService {
  readonly pushed: Pushed[] = [];
  /** Statuses that replace its own, as long as there are any. */
  readonly troubles: number[] = [];
  /** Contacts of the senders of what it was asked to take. */
  readonly contacts: (string | undefined)[] = [];
  /** Whether it answers 503 to everything. */
  isDown = false;
  /** The body of a refusal. */
  reason = '{"reason":"BadJwtToken"}';
  /** How many messages it was asked to take. */
  requests = 0;
  origin = "";
  readonly #browsers = new Map<string, Browser>();
  readonly #server = createServer(
    { cert: pemOf("first.crt"), key: pemOf("first.key") },
    (request, response) =>
      void bodyOf(request).then((body) => {
        this.requests += 1;
        const status = this.isDown ? 503 : this.#answer(request, body);
        response.writeHead(status).end(status === 403 ? this.reason : "");
      }),
  );

  /** @param host the name under which browsers know it; without one they know its address */
  static async open(host?: string): Promise<PushService> {
    const service = new PushService();
    service.#server.listen(0, "127.0.0.1");
    await once(service.#server, "listening");
    service.origin = host === undefined ? `https://127.0.0.1:${service.port}` : `https://${host}`;
    return service;
  }

  /** Listens until the test ends, and has this process trust its certificate. */
  static async listen(): Promise<PushService> {
    const service = await PushService.open();
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, pemOf("first.crt")]);
    onTestFinished(() => {
      setDefaultCACertificates(trusted);
      return service.close();
    });
    return service;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What `pushManager.subscribe` of a new browser gives for a public key of VAPID. */
  subscribe(name: string, publicKey: string) {
    const ecdh = createECDH("prime256v1");
    ecdh.generateKeys();
    const auth = randomBytes(16);
    this.#browsers.set(name, { ecdh, auth, publicKey });
    const keys = { p256dh: ecdh.getPublicKey("base64url"), auth: auth.toString("base64url") };
    return { endpoint: `${this.origin}/send/${name}`, keys };
  }

  /** The key for which a browser is subscribed. */
  publicKeyOf(name: string): string | undefined {
    return this.#browsers.get(name)?.publicKey;
  }

  /** The browser has no subscription any more, as after its data were cleared. */
  forget(name: string): void {
    this.#browsers.delete(name);
  }

  /** The contents that a browser got, the oldest first. */
  contentsOf(name: string): unknown[] {
    return this.pushed.filter(({ browser }) => browser === name).map(({ content }) => content);
  }

  #answer({ url = "", headers }: IncomingMessage, body: Buffer): number {
    return this.troubles.shift() ?? this.#take(url, headers, body);
  }

  #take(path: string, headers: IncomingHttpHeaders, body: Buffer): number {
    const name = path.replace("/send/", "");
    const browser = this.#browsers.get(name);
    if (browser === undefined) return 410;
    if (!this.#knows(headers.authorization ?? "", browser.publicKey)) return 403;
    const ttl = Number(headers["ttl"]);
    if (headers["content-encoding"] !== "aes128gcm" || !Number.isInteger(ttl)) return 400;
    if (body.length > 4096) return 413;
    this.pushed.push({
      browser: name,
      ttl,
      urgency: String(headers["urgency"]),
      content: JSON.parse(decrypted(body, browser).toString()),
    });
    return 201;
  }

  #knows(authorization: string, publicKey: string): boolean {
    const [, head = "", payload = "", signature = "", key] =
      /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
    if (key !== publicKey) return false;
    const point = Buffer.from(key, "base64url");
    const [x, y] = [point.toString("base64url", 1, 33), point.toString("base64url", 33)];
    const ofSender = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } });
    const signed = Buffer.from(`${head}.${payload}`);
    const how = { key: ofSender, dsaEncoding: "ieee-p1363" } as const;
    if (!verify("sha256", signed, how, Buffer.from(signature, "base64url"))) return false;
    const { aud, exp, sub } = claims.parse(JSON.parse(Buffer.from(payload, "base64url").toString()));
    this.contacts.push(sub);
    return aud === this.origin && Number.isInteger(exp) && contactOfApple.test(sub ?? "");
  }
}

/** HKDF of one block, written a second time: the sender has its own. */
function derived(key: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  const extracted = createHmac("sha256", salt).update(key).digest();
  return createHmac("sha256", extracted)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, bytes);
}

/** The content of a body of the encoding `aes128gcm`. Throws if it is not for this browser, or was changed. */
export function decrypted(body: Buffer, { ecdh, auth }: Pick<Browser, "ecdh" | "auth">): Buffer {
  const [salt, sender] = [body.subarray(0, 16), body.subarray(21, 86)];
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), ecdh.getPublicKey(), sender]);
  const key = derived(ecdh.computeSecret(sender), auth, info, 32);
  const named = (name: string, bytes: number) => derived(key, salt, Buffer.from(`Content-Encoding: ${name}\0`), bytes);
  const decipher = createDecipheriv("aes-128-gcm", named("aes128gcm", 16), named("nonce", 12));
  decipher.setAuthTag(body.subarray(-16));
  const padded = Buffer.concat([decipher.update(body.subarray(86, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (body.readUInt8(20) !== 65 || end < 0) throw new Error("this is no last record");
  return padded.subarray(0, end);
}
