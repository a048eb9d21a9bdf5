import type { Answer } from "@gatepost/core/errors";
import { LocalTimes, minuteMs } from "@gatepost/protocol";
import type { Asking } from "@gatepost/receive";
import {
  answerToKept,
  answerToQuestion,
  answerToTable,
  type IclockRequest,
  iclockQuestion,
  iclockRequest,
  keepAliveAnswer,
} from "@gatepost/receive/terminals";
import type { SpooledRequest } from "../spool/request.ts";

/** ms between two signs of life of a box that are delivered: such a terminal asks every ten seconds. */
const signEveryMs = minuteMs;

/** Bytes of a body that is read for its answer. Uniview sends at most 1.7 MB of pictures in base64. */
const maxRead = 4 * 1024 * 1024;

/** Terminals that are remembered as registered: a bridge has a few dozen boxes. */
const maxRegistered = 10_000;

/** The box, the path after the key and the headers of a body. */
interface BodyOf {
  box: string;
  path: readonly string[];
  headers: Readonly<Record<string, string>>;
}

interface Deps {
  /** The time zone of a box, by which its terminals set their clocks. */
  zoneOf(box: string): string;
  clock(): number;
}

/** Answers terminals of other makers as Gatepost does, also while the cloud is away. */
export class TerminalAnswers {
  readonly #deps: Deps;
  readonly #signs = new Map<string, number>();
  /** The terminals at doors that have registered. After a restart they register again. */
  readonly #registered = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The answer to a request that brings no records; null for any other. */
  toQuestion(box: string, asking: Asking): Answer | null {
    const asked = iclockQuestion(asking);
    if (asked === null) return keepAliveAnswer({ method: asking.method, segments: asking.path });
    const terminal = `${box} ${asked.serial}`;
    if (asked.action === "registry") this.#register(terminal);
    const now = this.#deps.clock();
    const zone = new LocalTimes(this.#deps.zoneOf(box)).minutesAt(now);
    return answerToQuestion(asked, { now, zone, isRegistered: this.#registered.has(terminal) });
  }

  #register(terminal: string): void {
    if (this.#registered.size >= maxRegistered) this.#registered.clear();
    this.#registered.add(terminal);
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
  toBody(body: Buffer, { box, path, headers }: BodyOf): Answer | null {
    const answer = answerToTable(body, path);
    if (answer !== null || body.length > maxRead) return answer;
    const times = { now: this.#deps.clock(), local: new LocalTimes(this.#deps.zoneOf(box)) };
    return answerToKept(body, headers, times);
  }
}

/** The address in the cloud, behind the key. A terminal of ZKTeco names its table and itself in the query. */
export function cloudPathOf(path: readonly string[]): string {
  const asked = iclockRequest(path);
  return asked === null ? `/${path.map(encodeURIComponent).join("/")}` : addressOf(asked);
}

function addressOf({ action, table, serial, tableName, count }: IclockRequest): string {
  const among = tableName === "-" ? {} : { tablename: tableName, count };
  return `/iclock/${encodeURIComponent(action)}?${new URLSearchParams({ SN: serial, table, ...among })}`;
}
