import { piecesOf } from "@gatepost/receive";
import type { RefusedPart, Spooled } from "../spool/request.ts";
import type { Bandwidth } from "./bandwidth.ts";
import type { Cloud } from "./cloud.ts";
import type { Verdict } from "./verdict.ts";

export interface DeliveryOptions {
  report: Spooled;
  cloud: Cloud;
  token: string;
  bandwidth: Bandwidth;
  /** Most bytes of a body that the cloud accepts. */
  maxBody: number;
  signal: AbortSignal;
}

/** Most reports of one batch that become dead letters one by one. With more, the batch becomes one as a whole. */
const maxRefusals = 100;

const accepted: Verdict = { kind: "accepted" };

/** One try to deliver what a box sent in one request. Batches that are too large are split, without parsing them. */
export class Delivery {
  readonly #options: DeliveryOptions;
  #refusals: RefusedPart[] = [];
  #isGivenUp = false;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** The reports of it that the cloud will never accept. */
  get refusals(): readonly RefusedPart[] {
    return this.#refusals;
  }

  /** `accepted`: the cloud has everything except the refusals. */
  run(): Promise<Verdict> {
    return this.#send(this.#options.report.body, false);
  }

  async #send(body: Uint8Array, isOneReport: boolean): Promise<Verdict> {
    const { report, maxBody } = this.#options;
    const mayBeSplit = !isOneReport && report.contentEncoding === null;
    if (mayBeSplit && body.length > maxBody) {
      const sent = await this.#sendPieces(body, maxBody);
      if (sent !== null) return sent;
    }
    const verdict = await this.#post(body);
    if (verdict.kind === "accepted" || verdict.kind === "later") return verdict;
    const sent =
      mayBeSplit && verdict.kind === "too-large" ? await this.#sendPieces(body, Math.ceil(body.length / 2)) : null;
    if (sent !== null) return sent;
    this.#refuse({ body, reason: verdict.why });
    return accepted;
  }

  /** Sends the reports of a batch in order, in pieces of at most `bytes`; null if the body is not a batch. */
  async #sendPieces(body: Uint8Array, bytes: number): Promise<Verdict | null> {
    let isBatch = false;
    for await (const piece of piecesOf(Buffer.from(body.buffer, body.byteOffset, body.byteLength), { bytes })) {
      isBatch = true;
      const sent = await this.#send(piece.body, piece.reports === 1);
      if (sent.kind === "later" || this.#isGivenUp) return sent;
    }
    return isBatch ? accepted : null;
  }

  #refuse(refusal: RefusedPart): void {
    this.#refusals.push(refusal);
    if (this.#refusals.length <= maxRefusals) return;
    const reason = `more than ${maxRefusals} of its reports were refused: ${refusal.reason}`;
    this.#refusals = [{ body: this.#options.report.body, reason }];
    this.#isGivenUp = true;
  }

  async #post(body: Uint8Array): Promise<Verdict> {
    const { report, cloud, token, bandwidth, signal } = this.#options;
    await bandwidth.take(body.length, signal);
    return cloud.deliver({ ...report, body }, { token, signal });
  }
}
