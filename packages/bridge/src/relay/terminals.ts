import type { Answer } from "@gatepost/core/errors";
import {
  countLines,
  interpret,
  LocalTimes,
  minuteMs,
  requested,
  type TerminalAnswer,
  taken,
  terminalValues,
} from "@gatepost/protocol";
import { type IclockRequest, iclockRequest } from "@gatepost/receive";
import { limitedJsonOrNull } from "../limited-json.ts";
import type { SpooledRequest } from "../spool/request.ts";

/** The actions by which a terminal of ZKTeco delivers records; by others it asks for something. */
const deliveries = ["cdata", "fdata"];

/** ms between two signs of life of a box that are delivered: such a terminal asks every ten seconds. */
const signEveryMs = minuteMs;

/**
 * Bytes of a body that are read for its answer. Uniview sends at most 1.3 MB of pictures in base64, and as many lines of
 * ZKTeco are more than are taken.
 */
const maxRead = 4 * 1024 * 1024;

/** A member of every body of Uniview. */
const ofUniview = '"DeviceCode"';

interface Deps {
  /** The time zone of a box, by which its terminals set their clocks. */
  zoneOf(box: string): string;
  clock(): number;
}

/** Answers terminals of other makers as Gatepost does, also while the cloud is away. */
export class TerminalAnswers {
  readonly #deps: Deps;
  readonly #signs = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The answer to a request that brings no records; null for any other. */
  toQuestion(method: string, box: string, path: readonly string[]): Answer | null {
    const asked = iclockRequest(path);
    if (asked === null || (method === "POST" && deliveries.includes(asked.action))) return null;
    const { action, table: type, serial } = asked;
    const zone = new LocalTimes(this.#deps.zoneOf(box)).minutesAt(this.#deps.clock());
    return answerOf(requested(action, { serial, type, zone }));
  }

  /** The report by which the cloud hears of such a request, once a minute for each box; null in between. */
  signOf(box: string, path: readonly string[]): SpooledRequest | null {
    const asked = iclockRequest(path);
    const now = this.#deps.clock();
    if (asked === null || Math.abs(now - (this.#signs.get(box) ?? Number.NEGATIVE_INFINITY)) < signEveryMs) return null;
    this.#signs.set(box, now);
    const sign = { ...asked, action: "cdata", table: "options" };
    return { box, path: addressOf(sign), contentType: "text/plain", contentEncoding: null, body: Buffer.alloc(0) };
  }

  /** The answer to a body that is durable; null for the usual one. */
  toBody(body: Buffer, box: string, path: readonly string[]): Answer | null {
    const asked = iclockRequest(path);
    if (asked !== null) return answerOf(taken(asked.table, countLines(body.subarray(0, maxRead))));
    if (body.length > maxRead || !body.includes(ofUniview)) return null;
    const [value] = terminalValues(limitedJsonOrNull(body)) ?? [];
    if (value === undefined) return null;
    const from = { box, route: path.at(-1) ?? "", receivedAt: this.#deps.clock(), keepFeatures: false };
    const { answer } = interpret(value, { ...from, zone: this.#deps.zoneOf(box) });
    return answer === undefined ? null : answerOf(answer);
  }
}

/** The address in the cloud, behind the key. A terminal of ZKTeco names its table and itself in the query. */
export function cloudPathOf(path: readonly string[]): string {
  const asked = iclockRequest(path);
  return asked === null ? `/${path.map(encodeURIComponent).join("/")}` : addressOf(asked);
}

function addressOf({ action, table, serial }: IclockRequest): string {
  return `/iclock/${encodeURIComponent(action)}?${new URLSearchParams({ SN: serial, table })}`;
}

function answerOf({ contentType, body }: TerminalAnswer): Answer {
  return { status: 200, headers: { "content-type": contentType }, body };
}
