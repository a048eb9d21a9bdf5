import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** Options that a page gives to its browser, as far as a device needs them. */
interface Options {
  challenge: string;
  rp?: { id: string };
  rpId?: string;
  user?: { id: string };
  allowCredentials?: readonly { id: string }[];
}

/** What a browser or a device may do otherwise than it should. */
interface Tampered {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  crossOrigin?: boolean;
  isVerified?: boolean;
  isPresent?: boolean;
  counter?: number;
  userHandle?: string | null;
  fmt?: string;
  statement?: Readonly<Record<string, unknown>>;
}

const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest();
const text = (bytes: Buffer | string) => Buffer.from(bytes).toString("base64url");

/** A device with one passkey (P-256) and the browser in front of it. */
export class Authenticator {
  readonly #origin: string;
  readonly #key: KeyObject;
  readonly #point: { x: Buffer; y: Buffer };
  readonly #id = randomBytes(16);
  /** The account that the device keeps with its passkey. */
  #userHandle = "";
  /** The number of signatures; null for a device that does not count, as of passkeys that several devices share. */
  counter: number | null;

  /** @param origin of the page that is open */
  constructor(origin: string, { counts = true } = {}) {
    this.#origin = origin;
    this.counter = counts ? 0 : null;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#key = privateKey;
    this.#point = { x: Buffer.from(x, "base64url"), y: Buffer.from(y, "base64url") };
  }

  get id(): string {
    return text(this.#id);
  }

  /** Makes the passkey, as `navigator.credentials.create`. */
  create(options: object, tampered: Tampered = {}) {
    const { challenge, rp, user } = options as Options;
    this.#userHandle = user?.id ?? "";
    const { x, y } = this.#point;
    const cose = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, x],
        [-3, y],
      ]),
    );
    const length = Buffer.from([0, this.#id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.#id, cose]);
    const authData = Buffer.concat([this.#data(tampered.rpId ?? rp?.id ?? "", 0x40, tampered), attested]);
    const { fmt = "none", statement = {} } = tampered;
    return {
      ...this.#credential(),
      response: {
        clientDataJSON: this.#client("webauthn.create", challenge, tampered),
        attestationObject: text(cbor({ fmt, attStmt: statement, authData })),
        transports: ["internal", "telepathy"],
      },
    };
  }

  /** Signs with the passkey, as `navigator.credentials.get`. */
  get(options: object, tampered: Tampered = {}) {
    const { challenge, rpId = "" } = options as Options;
    if (this.counter !== null) this.counter += 1;
    const clientDataJSON = this.#client("webauthn.get", challenge, tampered);
    const authData = this.#data(tampered.rpId ?? rpId, 0, tampered);
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, "base64url"))]);
    const { userHandle = this.#userHandle } = tampered;
    return {
      ...this.#credential(),
      response: {
        clientDataJSON,
        authenticatorData: text(authData),
        signature: text(sign("sha256", signed, this.#key)),
        userHandle,
      },
    };
  }

  #credential() {
    const others = { clientExtensionResults: {}, authenticatorAttachment: "platform" };
    return { id: this.id, rawId: this.id, type: "public-key" as const, ...others };
  }

  #client(usual: string, asked: string, tampered: Tampered): string {
    const { type = usual, challenge = asked, origin = this.#origin, crossOrigin = false } = tampered;
    return text(JSON.stringify({ type, challenge, origin, crossOrigin }));
  }

  #data(
    rpId: string,
    flags: number,
    { isVerified = true, isPresent = true, counter = this.counter ?? 0 }: Tampered,
  ): Buffer {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(counter);
    const all = flags | (isPresent ? 0x01 : 0) | (isVerified ? 0x04 : 0);
    return Buffer.concat([sha256(rpId), Buffer.from([all]), counted]);
  }
}

/** The forms of CBOR (RFC 8949) that a device writes. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const entries = value instanceof Map ? [...value] : Object.entries(value ?? {});
  return Buffer.concat([head(5, entries.length), ...entries.flat().map(cbor)]);
}

function head(major: number, length: number): Buffer {
  const kind = major << 5;
  if (length < 24) return Buffer.from([kind | length]);
  return length < 256 ? Buffer.from([kind | 24, length]) : Buffer.from([kind | 25, length >> 8, length & 0xff]);
}
