import { createHash } from "node:crypto";
import type { JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import type { PlatformConfig } from "../config/people.ts";
import type { BoxApi } from "../se5/box-api.ts";
import { BoxError, plain } from "../se5/box-error.ts";
import { emptyAs } from "./empty.ts";
import type { Kept } from "./kept.ts";
import type {
  Attempt,
  Comparison,
  OrderOutcome,
  PersonLibrary,
  PhotoUpdate,
  Presence,
  Registration,
  UndoAttempt,
} from "./library.ts";
import { checkPhoto } from "./photo.ts";
import { ended, judged, Refused } from "./refused.ts";
import { TaskQueue } from "./turns.ts";

const answered = z.object({
  status: z.coerce.number(),
  message: emptyAs(z.string(), ""),
  data: z.unknown().optional(),
});
const uploaded = z.object({ photoId: z.string().min(1).max(1024) });
const nothing = z.unknown().optional();
const maxIdLength = 100;
const cannotCheck = "Sophonsight does not say whether its boxes took the person; group and type are set there.";
const noBefore = "sophonsight does not give out the earlier record, so this cannot be undone";

export interface SophonsightOptions {
  api: BoxApi;
  config: PlatformConfig;
  /** ms since 1970: every request is signed with its time. */
  now(): number;
}

/**
 * A sophonsight platform, which passes people on to its boxes. Its interface can only write, and not be asked.
 * PLAT/renyuan/2, shouquan/2; docs/acting.md.
 */
export class Sophonsight implements PersonLibrary {
  readonly #options: SophonsightOptions;
  readonly #turns = new TaskQueue();

  constructor(options: SophonsightOptions) {
    this.#options = options;
  }

  /**
   * Registers only employees, because the platform knows no other type: neither a visitor nor a person on the blacklist
   * may become an employee.
   */
  register(order: Registration, attempt: Attempt): Promise<OrderOutcome> {
    return this.#try(attempt.signal, async () => {
      if (order.type === "visitor" || order.type === "blacklist") {
        throw new Refused(`sophonsight takes employees alone through this interface, and no ${order.type}`);
      }
      await this.#keep(order.personId, attempt, null);
      await this.#write(order, order.name, attempt);
      return { state: "done", note: cannotCheck };
    });
  }

  updatePhoto(order: PhotoUpdate, attempt: Attempt): Promise<OrderOutcome> {
    return this.#try(attempt.signal, async () => {
      if (order.name === null)
        throw new Refused("sophonsight takes a photo only with the name, and the event has none");
      await this.#keep(order.personId, attempt, { record: {}, imageId: null, photo: null });
      await this.#write(order, order.name, attempt);
      return { state: "done", note: cannotCheck };
    });
  }

  undo({ generation, personId, before }: Kept, { signal }: UndoAttempt): Promise<OrderOutcome> {
    return this.#try(signal, async () => {
      if (generation !== "sophonsight") throw new Refused(`the kept state is of generation ${generation}`);
      if (before !== null) throw new Refused(noBefore);
      return this.#remove(personId, signal);
    });
  }

  remove(personId: string, signal: AbortSignal): Promise<OrderOutcome> {
    return this.#try(signal, () => this.#remove(personId, signal));
  }

  async has(): Promise<Presence> {
    return {
      state: "failed",
      reason: "Sophonsight does not say whom it has: look there, and remove the person there.",
    };
  }

  async compare(): Promise<Comparison> {
    return { state: "failed", reason: "Sophonsight does not compare faces." };
  }

  #try<Done>(signal: AbortSignal, run: () => Promise<Done>) {
    return this.#turns.take(() => ended(signal, run));
  }

  async #keep(personId: string, { kept, keep }: Attempt, before: Kept["before"]) {
    if (personId.length > maxIdLength) throw new Refused("sophonsight takes ids of 100 characters at most");
    if (kept === null) await keep({ generation: "sophonsight", personId, before });
  }

  /** An upload of the same photo gives another id each time, and the same person stays one: both may be repeated. */
  async #write(order: Pick<Registration, "personId" | "photo">, name: string, { kept, unkeep, signal }: Attempt) {
    try {
      await this.#send(order, name, signal);
    } catch (error) {
      // Refused at the first try: an undo would remove a person who was there before. After a lost answer that is not
      // known.
      if (kept === null && judged(error) instanceof Refused) await unkeep();
      throw error;
    }
  }

  async #send({ personId, photo }: Pick<Registration, "personId" | "photo">, name: string, signal: AbortSignal) {
    checkPhoto(photo);
    const picture = { photoName: "face.jpg", photoByteStr: photo.toString("base64") };
    const { photoId: facePicture } = await this.#ask("pic/upload", picture, uploaded, signal);
    const { department: thirdDeptId } = this.#options.config;
    const person = { name, thirdId: personId, thirdDeptId, facePicture };
    await this.#ask("syncuser/addOrEdit", person, nothing, signal);
  }

  async #remove(personId: string, signal: AbortSignal): Promise<OrderOutcome> {
    await this.#ask("syncuser/delete", { thirdIds: [personId] }, nothing, signal);
    return { state: "done", note: cannotCheck };
  }

  /** The signature covers exactly the bytes that are sent. */
  async #ask<Schema extends z.ZodType>(name: string, members: JsonObject, answer: Schema, signal: AbortSignal) {
    const { api, config, now } = this.#options;
    const uri = `/openapi/v1/${name}`;
    const body = { appkey: config.appkey, time: now(), ...members };
    const token = createHash("md5")
      .update(`${uri}${JSON.stringify(body)}${config.secret}`)
      .digest("hex")
      .toUpperCase();
    const { status, message, data } = await api.ask(
      { method: "POST", path: uri, token, body, answer: answered },
      signal,
    );
    if (status !== 0) throw new Refused(`sophonsight refuses it: ${status} ${plain(message)}`);
    const read = answer.safeParse(data);
    if (!read.success) throw new BoxError(`${uri}: sophonsight answers something else than documented`);
    return read.data;
  }
}
