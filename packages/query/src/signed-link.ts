import { createHmac, timingSafeEqual } from "node:crypto";
import { GatepostError } from "@gatepost/ingest";
import type * as z from "zod";

/** What signs a link. */
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
  /** What a link says. The last member is when it ends, ms since 1970. */
  schema: z.ZodType<[...Facts, number]>;
  /** What to do once a link has ended. */
  endedAdvice: string;
}

const macBytes = 16;

/** Signs links of one kind, and opens them again. */
export class SignedLinks<Facts extends readonly unknown[]> {
  readonly #kind: LinkKind<Facts>;

  constructor(kind: LinkKind<Facts>) {
    this.#kind = kind;
  }

  /** A link that says `facts` until `until` (ms since 1970), as a text that may stand in a path. */
  sign(facts: Facts, until: number, { cursorSecret }: Pick<Signing, "cursorSecret">): string {
    const content = Buffer.from(JSON.stringify([...facts, until]));
    return Buffer.concat([this.#mac(content, cursorSecret), content]).toString("base64url");
  }

  /** What a link says, and when it ends. Throws 404 where it was not signed here, and 410 where it has ended. */
  open(link: string, { cursorSecret, clock }: Signing): [...Facts, number] {
    const bytes = Buffer.from(link, "base64url");
    const [mac, content] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
    const isSigned = mac.length === macBytes && timingSafeEqual(mac, this.#mac(content, cursorSecret));
    if (!isSigned) throw new GatepostError("not-found", "this link was not made here");
    const said = this.#kind.schema.parse(JSON.parse(content.toString()));
    if (Number(said.at(-1)) <= clock()) {
      throw new GatepostError("gone", `this link has ended; ${this.#kind.endedAdvice}`);
    }
    return said;
  }

  #mac(content: Buffer, secret: Buffer): Buffer {
    const { purpose } = this.#kind;
    return createHmac("sha256", secret).update(`${purpose}\0`).update(content).digest().subarray(0, macBytes);
  }
}
