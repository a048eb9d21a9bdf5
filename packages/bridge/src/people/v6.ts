import type { JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import type { BoxPeopleConfig } from "../config/people.ts";
import type { BoxApi } from "../se5/box-api.ts";
import { RegisteredPictures } from "../se5/registered-pictures.ts";
import type { BoxPerson, PeopleDialect, Wanted } from "./dialect.ts";
import { accepted, emptyAs } from "./empty.ts";
import { isRepeatedGroup, isRepeatedId, isUnknownId, Refused, tooPoor } from "./refused.ts";
import { typeOfWord } from "./types.ts";

const ids = z.array(z.string()).max(10_000);
const identity = z.object({
  ...accepted,
  identity_id: z.string(),
  identity_name: emptyAs(z.string(), ""),
  user_type: emptyAs(z.string(), "employee"),
  permission_ids: emptyAs(ids, []),
  ext_user_info: z.record(z.string(), z.json()).nullish(),
  face_ids: emptyAs(ids, []),
  register_image_ids: emptyAs(ids, []),
});
const permission = z.object({ ...accepted, permission_id: z.string().min(1) });
const quality = z.object({
  ...accepted,
  fiqa_result: z.boolean(),
  detailed_result: z.object({ failed_items: emptyAs(z.array(z.string()), []) }).nullish(),
});

/** With at least this score it is very probably the same person. SYS5.4-V6/3. */
const sameScore = 82;

/** Generation C, V6R1 and V6R2. SYS5.1-V6, SYS5.3-V6, SYS5.4-V6; docs/acting.md. */
export class V6 implements PeopleDialect {
  readonly generation = "C";
  readonly #api: BoxApi;
  readonly #pictures: RegisteredPictures;
  readonly #quality: BoxPeopleConfig["quality"];

  constructor(api: BoxApi, { quality: level }: Pick<BoxPeopleConfig, "quality">) {
    this.#api = api;
    this.#pictures = new RegisteredPictures(api);
    this.#quality = level;
  }

  async probe(signal: AbortSignal): Promise<void> {
    const answer = z.object({ ...accepted, identities: z.array(z.unknown()).nullable() });
    await this.#ask("getidentities", { page_limit: 1, page_index: 0 }, answer, signal);
  }

  async find(personId: string, signal: AbortSignal): Promise<BoxPerson | null> {
    const read = this.#ask("getidentity", { identity_id: personId }, identity, signal);
    const found = await read.catch((error: unknown) => {
      if (isUnknownId(error)) return null;
      throw error;
    });
    if (found === null) return null;
    const { identity_name: name, user_type, permission_ids, ext_user_info, face_ids, register_image_ids } = found;
    if (found.identity_id !== personId) throw new Refused("the box answers with another person than it was asked for");
    const record = { identity_name: name, user_type, permission_ids, ext_user_info: ext_user_info ?? {} };
    const [image = null] = register_image_ids;
    // A person who was registered by a feature has a face without a picture.
    const imageId = image ?? face_ids[0] ?? null;
    const photo = image === null ? null : await this.#pictures.find(image, signal);
    return { name, type: typeOfWord(user_type), permissionIds: permission_ids, record, imageId, photo };
  }

  async checkQuality(photo: Buffer, signal: AbortSignal): Promise<void> {
    if (this.#quality === "no") return;
    const body = { image_base64_str: photo.toString("base64"), fiqa_level: this.#quality };
    const { fiqa_result, detailed_result } = await this.#ask("fiqa", body, quality, signal);
    if (!fiqa_result) throw new Refused(tooPoor(detailed_result?.failed_items ?? []));
  }

  async groupId(name: string, signal: AbortSignal): Promise<string> {
    const find = () => this.#ask("getpermission", { permission_name: name }, permission, signal);
    try {
      return (await find()).permission_id;
    } catch (error) {
      if (!isUnknownId(error)) throw error;
    }
    try {
      return (await this.#ask("createpermission", { permission_name: name }, permission, signal)).permission_id;
    } catch (error) {
      if (!isRepeatedGroup(error)) throw error;
      // Another client has just made it.
      return (await find()).permission_id;
    }
  }

  async create(personId: string, wanted: Wanted, photo: Buffer, signal: AbortSignal): Promise<void> {
    const body = { ...recordOf(wanted), ...this.#face(personId, photo), force_replace: false };
    const answer = z.object({ ...accepted, identity_id: z.string() });
    try {
      await this.#ask("createidentity", body, answer, signal);
    } catch (error) {
      if (!isRepeatedId(error)) throw error;
    }
  }

  async changeRecord(personId: string, { record }: BoxPerson, wanted: Wanted, signal: AbortSignal): Promise<void> {
    await this.restoreRecord(personId, { ...record, ...recordOf(wanted) }, signal);
  }

  /** By index, because ids change. A person without a face has none to replace. */
  async changePhoto(personId: string, { imageId }: BoxPerson, photo: Buffer, signal: AbortSignal): Promise<void> {
    const answer = z.object({ ...accepted, register_image_ids: ids.nullish() });
    const [call, which] =
      imageId === null ? (["addface", {}] as const) : (["replaceface", { register_image_index: 0 }] as const);
    await this.#ask(call, { ...this.#face(personId, photo), ...which }, answer, signal);
  }

  /** An update overwrites everything, and whether it resets missing members is not documented: so all are sent. */
  async restoreRecord(personId: string, record: JsonObject, signal: AbortSignal): Promise<void> {
    await this.#ask("updateidentity", { identity_id: personId, ...record }, identity, signal);
  }

  /** A person who does not exist is among the failed ones. The caller checks that. */
  async remove(personId: string, signal: AbortSignal): Promise<void> {
    const answer = z.object({ ...accepted, success_identity_ids: ids.nullish(), failed_identity_ids: ids.nullish() });
    await this.#ask("deleteidentities", { identity_ids: [personId] }, answer, signal);
  }

  async isSame(held: Buffer, photo: Buffer, signal: AbortSignal): Promise<boolean | null> {
    const images = { image_1_base64: held.toString("base64"), image_2_base64: photo.toString("base64") };
    const answer = z.object({ ...accepted, score: z.coerce.number() });
    return (await this.#ask("compare", { ...images, fiqa_level: "no" }, answer, signal)).score >= sameScore;
  }

  #face(personId: string, photo: Buffer): JsonObject {
    return { identity_id: personId, register_image: photo.toString("base64"), fiqa_level: this.#quality };
  }

  #ask<Schema extends z.ZodType>(name: string, body: JsonObject, answer: Schema, signal: AbortSignal) {
    return this.#api.ask({ method: "POST", path: `/sophon/v2/face/${name}`, body, answer }, signal);
  }
}

function recordOf({ name, type, permissionIds }: Wanted): JsonObject {
  return { identity_name: name, user_type: type, permission_ids: [...permissionIds] };
}
