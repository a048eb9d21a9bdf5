import type { JsonObject } from "@gatepost/protocol";
import type { BoxPeopleConfig } from "../config/people.ts";
import type { BoxApi } from "../se5/box-api.ts";
import type { BoxPerson, PeopleDialect, Wanted } from "./dialect.ts";
import { fogAnswers } from "./fog-answers.ts";
import { fogGroupId } from "./fog-groups.ts";
import { photoIn } from "./photo.ts";
import { isUnknownId, Refused } from "./refused.ts";
import { typeNumbers, typeOfNumber } from "./types.ts";

export type FogGeneration = "A" | "B" | "B7";
type Settings = Pick<BoxPeopleConfig, "library" | "quality">;

const users = "/SophonFogSys/api/users";
/** Members that a box adds to its answers: they must not be written back. */
const boxFields = ["user_id", "image_id"];

/** What boxes of generation A have, V2R1 to V2R4 and V5R2, and all up to V5R7. SYS4.3, SYS5.3; docs/acting.md. */
export class Fog implements PeopleDialect {
  readonly generation: FogGeneration;
  readonly api: BoxApi;
  readonly settings: Settings;

  constructor(generation: FogGeneration, api: BoxApi, settings: Settings) {
    this.generation = generation;
    this.api = api;
    this.settings = settings;
  }

  async probe(signal: AbortSignal): Promise<void> {
    const query = new URLSearchParams({ group_name: this.settings.library, limit: "1", skip_num: "0" });
    await this.api.ask({ path: `${users}?${query}`, answer: fogAnswers.users }, signal);
  }

  async find(personId: string, signal: AbortSignal): Promise<BoxPerson | null> {
    const list = await this.#list(personId, signal);
    const user = list.find(({ identity_id }) => identity_id === personId);
    if (user === undefined) {
      if (list.length > 0) throw new Refused("the box answers with other people than the one it was asked for");
      return null;
    }
    const { info, reg_photo } = user;
    const { type, imageId, ...held } = info;
    return {
      ...held,
      type: typeOfNumber(type),
      imageId,
      photo: photoIn(reg_photo ?? "") ?? (await this.pictureOf(imageId, signal)),
    };
  }

  async #list(personId: string, signal: AbortSignal) {
    const query = new URLSearchParams({ identity_id: personId });
    try {
      return (await this.api.ask({ path: `${users}?${query}`, answer: fogAnswers.users }, signal)).data.identities_list;
    } catch (error) {
      if (isUnknownId(error)) return [];
      throw error;
    }
  }

  /** Generation A gives photos only in records. */
  protected async pictureOf(_imageId: string | null, _signal: AbortSignal): Promise<Buffer | null> {
    return null;
  }

  /** Generation A cannot be asked over HTTP. */
  async checkQuality(_photo: Buffer, _signal: AbortSignal): Promise<void> {}

  async groupId(name: string, signal: AbortSignal): Promise<string> {
    return this.generation === "A" ? name : fogGroupId(this.api, name, signal);
  }

  /** Overwrites if the id exists by now, so that a repeated request changes nothing. */
  async create(personId: string, wanted: Wanted, photo: Buffer, signal: AbortSignal): Promise<void> {
    // V5R7 does not accept the blacklist here, only in an update: until then the person must not open a door.
    const type = this.generation === "B7" && wanted.type === "blacklist" ? "stranger" : wanted.type;
    const body = {
      identity_id: personId,
      reg_photo: photo.toString("base64"),
      group_name: this.settings.library,
      ignore_exist: true,
      // The name is misspelt in the documents.
      create_no_exit_permission: true,
      info: { name: wanted.name, type: typeNumbers[type], permission_ids: [...wanted.permissionIds] },
      ...this.creation(),
    };
    await this.api.ask({ method: "POST", path: users, body, answer: fogAnswers.written }, signal);
  }

  protected creation(): JsonObject {
    return {};
  }

  async changeRecord(personId: string, held: BoxPerson, { name, type, permissionIds }: Wanted, signal: AbortSignal) {
    const info = { ...held.record, name, type: typeNumbers[type], permission_ids: [...permissionIds] };
    await this.#update(personId, { info: withoutTold(info) }, signal);
  }

  async changePhoto(personId: string, { record, permissionIds }: BoxPerson, photo: Buffer, signal: AbortSignal) {
    const info = withoutTold({ ...record, permission_ids: [...permissionIds] });
    await this.#update(personId, { info, reg_photo: photo.toString("base64") }, signal);
  }

  async restoreRecord(personId: string, record: JsonObject, signal: AbortSignal): Promise<void> {
    await this.#update(personId, { info: withoutTold({ permission_ids: [], ...record }) }, signal);
  }

  async #update(personId: string, change: JsonObject, signal: AbortSignal): Promise<void> {
    const creates: JsonObject = this.generation === "A" ? {} : { create_no_exit_permission: true };
    const body = { identity_id: personId, ...change, ...creates };
    await this.api.ask({ method: "PUT", path: users, body, answer: fogAnswers.written }, signal);
  }

  async remove(personId: string, signal: AbortSignal): Promise<void> {
    const body = { identity_id: personId };
    try {
      await this.api.ask({ method: "DELETE", path: users, body, answer: fogAnswers.written }, signal);
    } catch (error) {
      if (!isUnknownId(error)) throw error;
    }
  }

  /** Generation A cannot compare. */
  async isSame(_held: Buffer, _photo: Buffer, _signal: AbortSignal): Promise<boolean | null> {
    return null;
  }
}

function withoutTold(info: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(info).filter(([name]) => !boxFields.includes(name)));
}
