import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { JsonObject } from "@gatepost/protocol";
import type { Person, PersonType } from "../people.ts";

/** A face of a person, with the photo it was made from. */
export interface Face {
  faceId: string;
  imageId: string;
  /** Null if the person was registered by a feature that belongs to no drawn face. */
  look: number | null;
  /** Base64; null: drawn by the album. */
  photo: string | null;
}

/** A person as a box has them. */
export interface PersonRecord {
  id: string;
  name: string;
  type: PersonType;
  libraries: string[];
  permissionIds: string[];
  /** All other sent fields. */
  info: JsonObject;
  faces: Face[];
}

export interface Permission {
  id: string;
  name: string;
  description: string;
}

interface Stored {
  persons: PersonRecord[];
  permissions: Permission[];
  /** How many ids were made: after a restart none is made again. */
  ids: number;
}

/** The content of a person library. With a file it survives the process, as a box's disk does. */
export class Records {
  readonly #file: string | null;
  readonly persons: Map<string, PersonRecord>;
  readonly permissions: Map<string, Permission>;
  ids: number;

  constructor(file: string | null, people: readonly Person[]) {
    this.#file = file;
    const stored: Stored =
      file !== null && existsSync(file)
        ? JSON.parse(readFileSync(file, "utf8"))
        : { persons: people.map(recordOf), permissions: [], ids: 0 };
    this.persons = new Map(stored.persons.map((person) => [person.id, person]));
    this.permissions = new Map(stored.permissions.map((permission) => [permission.id, permission]));
    this.ids = stored.ids;
  }

  /** A process that is killed in the middle leaves the file as it was. */
  save(): void {
    if (this.#file === null) return;
    const [persons, permissions] = [[...this.persons.values()], [...this.permissions.values()]];
    const stored: Stored = { persons, permissions, ids: this.ids };
    writeFileSync(`${this.#file}.new`, JSON.stringify(stored), { flush: true });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function recordOf({ id, name, type, group, imageId, look }: Person): PersonRecord {
  const faces = [{ faceId: `face-${imageId}`, imageId, look, photo: null }];
  return { id, name, type, libraries: [group], permissionIds: [], info: {}, faces };
}
