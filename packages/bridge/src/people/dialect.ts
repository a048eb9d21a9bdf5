import type { JsonObject } from "@gatepost/protocol";
import type { Generation, RegisteredType } from "./library.ts";

/** Somebody as a box has them. */
export interface Held {
  name: string;
  /** Null where the box gave none that is documented. */
  type: RegisteredType | "stranger" | null;
  permissionIds: readonly string[];
  /** All that the generation tells of the person besides photos, to be put back by an undo. */
  record: JsonObject;
  /** Another one after every change of the photo; null where the box tells none. */
  imageId: string | null;
  /** The bytes that the box gives out, which may be another encoding than it was sent; null where it gives none. */
  photo: Buffer | null;
}

/** What somebody is to be. */
export interface Wanted {
  name: string;
  type: RegisteredType;
  permissionIds: readonly string[];
}

/** How the person interface of one generation is spoken. Every method throws BoxError or Refused. */
export interface PeopleDialect {
  readonly generation: Generation;
  /** Throws where the box does not have this interface. */
  probe(signal: AbortSignal): Promise<void>;
  find(personId: string, signal: AbortSignal): Promise<Held | null>;
  /** Throws Refused with what is wrong with a photo; does nothing where the box cannot be asked. */
  checkQuality(photo: Buffer, signal: AbortSignal): Promise<void>;
  /** The id of a permission group, which is made where there is none. */
  groupId(name: string, signal: AbortSignal): Promise<string>;
  /** Registers somebody new. Does nothing, or writes the same, where the id is there by now. */
  create(personId: string, wanted: Wanted, photo: Buffer, signal: AbortSignal): Promise<void>;
  changeRecord(personId: string, held: Held, wanted: Wanted, signal: AbortSignal): Promise<void>;
  changePhoto(personId: string, held: Held, photo: Buffer, signal: AbortSignal): Promise<void>;
  /** Writes a record back as `find` had given it. */
  restoreRecord(personId: string, record: JsonObject, signal: AbortSignal): Promise<void>;
  /** Does nothing where the person is gone. */
  remove(personId: string, signal: AbortSignal): Promise<void>;
  /** Whether the box calls two faces the same at its own highest threshold; null where it cannot compare. */
  isSame(held: Buffer, photo: Buffer, signal: AbortSignal): Promise<boolean | null>;
}
