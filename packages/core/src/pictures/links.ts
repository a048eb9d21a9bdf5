import { createHmac, timingSafeEqual } from "node:crypto";
import { dayMs, minuteMs, type PictureKind, pictureKinds } from "@gatepost/protocol";
import * as z from "zod/mini";
import { GatepostError } from "../errors/errors.ts";

/** The secret and the clock for links. */
export interface Signing {
  /** The secret of cursors: the same for every process of one store. */
  cursorSecret: Buffer;
  /** ms since 1970. */
  clock(): number;
}

/** One kind of link. It is signed and not stored, needs no key, and ends by itself. */
interface LinkKind<Facts extends readonly unknown[]> {
  /** Part of the signature: so a link of one kind is never taken for one of another kind. */
  purpose: string;
  /** The content of a link. The last member is its end, ms since 1970. */
  schema: z.ZodMiniType<[...Facts, number]>;
  /** Advice for a client whose link has ended. */
  endedAdvice: string;
}

const macBytes = 16;

/** Signs links of one kind, and opens them again. */
export class SignedLinks<Facts extends readonly unknown[]> {
  readonly #kind: LinkKind<Facts>;

  constructor(kind: LinkKind<Facts>) {
    this.#kind = kind;
  }

  /** A link that contains `facts` until `until` (ms since 1970), as a text for a path. */
  sign(facts: Facts, until: number, { cursorSecret }: Pick<Signing, "cursorSecret">): string {
    const content = Buffer.from(JSON.stringify([...facts, until]));
    return Buffer.concat([this.#mac(content, cursorSecret), content]).toString("base64url");
  }

  /** The facts of a link, and its end. Throws 404 if it was not signed here, and 410 if it has ended. */
  open(link: string, { cursorSecret, clock }: Signing): [...Facts, number] {
    const content = this.#contentOf(link, cursorSecret);
    if (content === null) throw new GatepostError("not-found", "this link was not made here");
    const said = this.#kind.schema.parse(JSON.parse(content.toString()));
    if (Number(said.at(-1)) <= clock()) {
      throw new GatepostError("gone", `this link has ended; ${this.#kind.endedAdvice}`);
    }
    return said;
  }

  /** Whether a link is of this kind, and was signed here. It may have ended. */
  isSigned(link: string, { cursorSecret }: Pick<Signing, "cursorSecret">): boolean {
    return this.#contentOf(link, cursorSecret) !== null;
  }

  #contentOf(link: string, secret: Buffer): Buffer | null {
    const bytes = Buffer.from(link, "base64url");
    const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
    return mac.length === macBytes && timingSafeEqual(mac, this.#mac(content, secret)) ? content : null;
  }

  #mac(content: Buffer, secret: Buffer): Buffer {
    const { purpose } = this.#kind;
    return createHmac("sha256", secret).update(`${purpose}\0`).update(content).digest().subarray(0, macBytes);
  }
}

/** ms for which a link is valid that a reader asks for. */
const usualMs = 5 * minuteMs;

/** ms for which a link in an alert is valid: no link is for longer. */
export const alertLinkMs = dayMs;

/** One picture of one event, as long as the event shows it. */
interface Linked {
  id: string;
  kind: PictureKind;
  sha256: string;
}

const links = new SignedLinks<[id: string, kind: PictureKind, sha256: string]>({
  purpose: "picture",
  schema: z.tuple([z.string(), z.enum(pictureKinds), z.string(), z.number()]),
  endedAdvice: "ask for another by …/pictures/{kind}/link",
});

/**
 * A link to a picture that needs no key. Its path is of this API, and it ends with its event.
 *
 * @param validMs a day at most
 */
export function pictureLink(
  { id, kind, sha256 }: Linked,
  signing: Signing & { validMs?: number },
): { url: string; expires: string } {
  const { validMs = usualMs } = signing;
  const until = signing.clock() + Math.min(validMs, alertLinkMs);
  const link = links.sign([id, kind, sha256], until, signing);
  return { url: `/v1/pictures/${link}`, expires: new Date(until).toISOString() };
}

/** The facts of a link. Throws 404 if it was not signed here, and 410 if it has ended. */
export function openPictureLink(link: string, signing: Signing): Linked {
  const [id, kind, sha256] = links.open(link, signing);
  return { id, kind, sha256 };
}
