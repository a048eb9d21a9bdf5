import { Worker } from "node:worker_threads";
import type { Settings } from "@gatepost/core/retention";
import type { Reservation } from "@gatepost/core/room";
import type { Body, LargeBodies, Origin, ReadAs, Reading } from "@gatepost/receive";
import { CpuShares } from "./garbage.ts";
import type { BodyReply, FromThread, Question, ToThread } from "./messages.ts";
import { type Ask, ThreadReading } from "./thread-reading.ts";
import { BodyQueue } from "./turns.ts";

/** Without a limit the thread takes tens of megabytes for values that it needs for a moment. */
const resourceLimits = { maxYoungGenerationSizeMb: 8 };

/** A question that the thread has not answered yet. */
interface AskedQuestion {
  holder: string | null;
  resolve(answer: BodyReply): void;
  reject(error: unknown): void;
}

/**
 * Reads large bodies in one thread. It hands over the meaning of their reports, and the memory of their pictures without
 * a copy. The thread is started when it is needed, and again if it has ended.
 */
export class BodyReader implements LargeBodies {
  readonly #settings: Pick<Settings, "keepFeatures">;
  readonly #maxShare: number;
  readonly #shares = new CpuShares();
  readonly #turns = new BodyQueue(this.#shares);
  /** How each body that is open takes room. */
  readonly #rooms = new Map<number, (bytes: number) => void>();
  /** In the order in which the thread answers. */
  #asked: AskedQuestion[] = [];
  #worker: Worker | null = null;
  #opened = 0;

  /** @param maxShare most bytes of room that all bodies of one box may take */
  constructor(settings: Pick<Settings, "keepFeatures">, maxShare: number) {
    this.#settings = settings;
    this.#maxShare = maxShare;
  }

  async open(
    sent: Body,
    origin: Origin,
    { held, isReplay, as }: { held: Reservation; isReplay: boolean; as: ReadAs },
  ): Promise<Reading> {
    const holder = isReplay ? null : origin.box;
    await this.#turns.next(holder);
    let bytes = 0;
    try {
      const reading = await this.#open(sent, origin, { held, holder, as });
      bytes = reading.bytes;
      return reading;
    } finally {
      this.#turns.opened(bytes);
    }
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  async #open(
    sent: Body,
    origin: Origin,
    { held, holder, as }: { held: Reservation; holder: string | null; as: ReadAs },
  ): Promise<Reading> {
    this.#opened += 1;
    const body = this.#opened;
    const noRoom = Promise.withResolvers<never>();
    noRoom.promise.catch(() => undefined);
    this.#rooms.set(body, (bytes) => {
      try {
        held.take(bytes);
      } catch (error) {
        noRoom.reject(error);
      }
    });
    const ask: Ask = (question, memory) =>
      Promise.race([this.#ask({ body, ...question }, holder, memory), noRoom.promise]);
    const close = () => {
      this.#rooms.delete(body);
      this.#worker?.postMessage({ body, close: true } satisfies ToThread);
    };
    try {
      const bytes = ownBytes(sent);
      const opening = { bytes, origin, as, keepFeatures: this.#settings.keepFeatures, maxShare: this.#maxShare };
      const answer = await ask({ open: opening }, [bytes.buffer]);
      if (!("opened" in answer)) throw new Error("another question was answered");
      const { opened } = answer;
      return new ThreadReading(opened, ask, () => {
        close();
        this.#turns.closed(opened.bytes);
      });
    } catch (error) {
      close();
      throw error;
    }
  }

  #ask(
    message: { body: number } & Question,
    holder: string | null,
    memory: readonly ArrayBuffer[] = [],
  ): Promise<BodyReply> {
    return new Promise((resolve, reject) => {
      const worker = this.#started();
      this.#asked.push({ holder, resolve, reject });
      // Keeps the process from ending while it waits for an answer.
      worker.ref();
      worker.postMessage(message satisfies ToThread, memory);
    });
  }

  #started(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL("./body-thread.ts", import.meta.url), { resourceLimits });
    let failure: unknown = new Error("the thread that reads large bodies has ended");
    worker.on("message", (message: FromThread) => this.#take(message, worker));
    worker.on("error", (error) => {
      failure = new Error("the thread that reads large bodies has failed", { cause: error });
    });
    worker.once("exit", () => {
      this.#worker = null;
      for (const { reject } of this.#asked.splice(0)) reject(failure);
    });
    this.#worker = worker;
    return worker;
  }

  #take(message: FromThread, worker: Worker): void {
    if ("room" in message) {
      this.#rooms.get(message.body)?.(message.room);
      return;
    }
    const asked = this.#asked.shift();
    if (this.#asked.length === 0) worker.unref();
    if (asked === undefined) return;
    if (asked.holder !== null) this.#shares.use(asked.holder, message.cpuMs);
    if ("answer" in message) asked.resolve(message.answer);
    else asked.reject(message.error);
  }
}

/** The bytes of a body in memory that may be given away: the bytes of a large body, else a copy. */
function ownBytes({ bytes }: Body): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  // Only a server that collects a body makes its memory resizable.
  if (buffer instanceof ArrayBuffer && buffer.resizable) return new Uint8Array(buffer, bytes.byteOffset, bytes.length);
  return new Uint8Array(bytes);
}
