import { createHash } from "node:crypto";
import { isObject, type JsonObject, omitAbsent } from "@gatepost/protocol";
import { type BoxAnswer, type BoxApiRequest, type Listening, Reply, serveBoxApi } from "./box-api.ts";
import { facesIn } from "./faces.ts";
import { requiredText, textList } from "./library/fields.ts";
import { LibraryError } from "./library/refusal.ts";
import type { Mishap } from "./library/settings.ts";

/** A person in the list of a platform. */
interface Employee {
  name: string;
  department: string;
  photo: Buffer | null;
}

interface PlatformAccess {
  appkey: string;
  secret: string;
}

const prefix = "/openapi/v1/";
const maxIds = 50;

/** The open API through which a sophonsight platform takes persons, port 9061 of a real one. PLAT/renyuan/2, shouquan/2. */
export class PlatformPeople {
  readonly employees = new Map<string, Employee>();
  /** The fault of the request with this number, counted from 0. */
  mishap: (number: number, asked: BoxApiRequest) => Mishap | null = () => null;
  readonly #photos = new Map<string, Buffer>();
  readonly #access: PlatformAccess;
  #number = 0;

  constructor(access: PlatformAccess) {
    this.#access = access;
  }

  serve(at: { host: string; port: number }): Promise<Listening> {
    return serveBoxApi([(asked) => this.#answer(asked)], at);
  }

  #answer(asked: BoxApiRequest): BoxAnswer {
    const step = this.#steps[asked.path.slice(prefix.length)];
    if (step === undefined || asked.method !== "POST" || !asked.path.startsWith(prefix)) return null;
    const mishap = this.mishap(this.#number++, asked);
    if (mishap === "reset-before") return "reset";
    if (mishap === "server-error") return new Reply(500, { message: "INTERNAL ERROR", status: 500 });
    const answer = this.#isSigned(asked) ? done(step, asked) : { message: "TOKEN ERROR", status: 401 };
    if (mishap === "reset-after") return "reset";
    return mishap === "silence-after" ? "silence" : answer;
  }

  /** The signature is of the bytes that were sent. */
  #isSigned({ path, text, query, body }: BoxApiRequest): boolean {
    const { appkey, secret } = this.#access;
    const token = createHash("md5").update(`${path}${text}${secret}`).digest("hex").toUpperCase();
    return query.get("token") === token && isObject(body) && body["appkey"] === appkey && Number(body["time"]) > 0;
  }

  readonly #steps: Record<string, (body: JsonObject) => JsonObject | null> = {
    "pic/upload": (body) => {
      requiredText(body, "photoName");
      const photo = Buffer.from(requiredText(body, "photoByteStr"), "base64");
      if (facesIn(photo) === null) throw new LibraryError("undecodable");
      const photoId = `${createHash("md5").update(photo).digest("hex")}.jpg`;
      this.#photos.set(photoId, photo);
      return { photoId };
    },
    "syncuser/addOrEdit": (body) => {
      const [name, id] = [requiredText(body, "name"), requiredText(body, "thirdId")];
      if (id.length > 100) throw new LibraryError("value-bad", "thirdId");
      const picture = body["facePicture"] ?? "";
      const photo = this.#photos.get(String(picture)) ?? null;
      if (picture !== "" && photo === null) throw new LibraryError("value-bad", "facePicture");
      this.employees.set(id, { name, department: requiredText(body, "thirdDeptId"), photo });
      return { id: `user-${id}`, thirdid: id };
    },
    "syncuser/delete": (body) => {
      const ids = textList(body["thirdIds"], "thirdIds");
      if (ids.length > maxIds) throw new LibraryError("value-bad", "thirdIds");
      for (const id of ids) this.employees.delete(id);
      return null;
    },
  };
}

/** How a platform refuses is not documented; here by a status that is not 0. */
function done(step: (body: JsonObject) => JsonObject | null, { body }: BoxApiRequest): JsonObject {
  try {
    const data = step(isObject(body) ? body : {});
    return { message: "SUCCESS", status: 0, ...omitAbsent({ data }) };
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    return { message: error.message, status: 1 };
  }
}
