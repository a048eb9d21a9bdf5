import type { JsonObject, RegisteredType } from "@gatepost/protocol";
import type { Generation } from "./kept.ts";

/** A person as a box has them. */
export interface BoxPerson {
  name: string;
  /** Null if the box gave no documented type. */
  type: RegisteredType | "stranger" | null;
  permissionIds: readonly string[];
  /** Everything about the person except photos, in the words of the generation. An undo restores it. */
  record: JsonObject;
  /** Changes with every change of the photo; null if the box gives none. */
  imageId: string | null;
  /** The photo as the box gives it, possibly encoded differently than it was sent; null if it gives none. */
  photo: Buffer | null;
}

/** The wanted name, type and groups of the person. */
export interface Wanted {
  name: string;
  type: RegisteredType;
  permissionIds: readonly string[];
}

/** How to speak the person interface of one generation. Every method throws BoxError or Refused. */
export interface PeopleDialect {
  readonly generation: Generation;
  /** Throws if the box does not have this interface. */
  probe(signal: AbortSignal): Promise<void>;
  find(personId: string, signal: AbortSignal): Promise<BoxPerson | null>;
  /** Throws Refused with the faults of a photo. Does nothing if the box cannot check it. */
  checkQuality(photo: Buffer, signal: AbortSignal): Promise<void>;
  /** The id of a permission group. The group is made if it does not exist. */
  groupId(name: string, signal: AbortSignal): Promise<string>;
  /** Registers a new person. Does nothing, or writes the same, if the id exists by now. */
  create(personId: string, wanted: Wanted, photo: Buffer, signal: AbortSignal): Promise<void>;
  changeRecord(personId: string, held: BoxPerson, wanted: Wanted, signal: AbortSignal): Promise<void>;
  changePhoto(personId: string, held: BoxPerson, photo: Buffer, signal: AbortSignal): Promise<void>;
  /** Writes a record back as `find` returned it. */
  restoreRecord(personId: string, record: JsonObject, signal: AbortSignal): Promise<void>;
  /** Does nothing if the person does not exist. */
  remove(personId: string, signal: AbortSignal): Promise<void>;
  /** Whether the box says, by its own highest threshold, that two faces are the same; null if it cannot compare. */
  isSame(held: Buffer, photo: Buffer, signal: AbortSignal): Promise<boolean | null>;
}
