import type { Album } from "../album.ts";
import type { Person } from "../people.ts";
import { type Random, uuid } from "../random.ts";
import { type Face, type Permission, type PersonRecord, Records } from "./records.ts";
import { LibraryError } from "./refusal.ts";
import { type LibrarySettings, usualSettings } from "./settings.ts";

export interface LibraryOptions {
  /** Who is registered from the beginning. */
  people: readonly Person[];
  /** Where it is kept; null: lost with the process. */
  file: string | null;
  album: Album;
  random: Random;
}

/** The person library of a simulated box: who is registered, and by which faces. */
export class FaceLibrary {
  readonly settings: LibrarySettings = usualSettings();
  readonly #records: Records;
  readonly #album: Album;
  readonly #random: Random;

  constructor({ people, file, album, random }: LibraryOptions) {
    this.#records = new Records(file, people);
    this.#album = album;
    this.#random = random;
    for (let made = 0; made < this.#records.ids; made++) uuid(random);
  }

  get size(): number {
    return this.#records.persons.size;
  }

  /** Another one each time, also after a restart. */
  newId(): string {
    this.#records.ids += 1;
    return uuid(this.#random);
  }

  find(id: string): PersonRecord | undefined {
    return this.#records.persons.get(id);
  }

  /** Throws Refusal if there is none. */
  get(id: string): PersonRecord {
    const person = this.find(id);
    if (person === undefined) throw new LibraryError("id-unknown", id);
    return person;
  }

  all(): PersonRecord[] {
    return [...this.#records.persons.values()];
  }

  /** Throws Refusal if the library is full. */
  put(person: PersonRecord): void {
    const { persons } = this.#records;
    if (!persons.has(person.id) && persons.size >= this.settings.capacity) throw new LibraryError("full");
    persons.set(person.id, person);
    this.#records.save();
  }

  /** Whether the person was there. */
  remove(id: string): boolean {
    const wasThere = this.#records.persons.delete(id);
    this.#records.save();
    return wasThere;
  }

  permissions(): Permission[] {
    return [...this.#records.permissions.values()];
  }

  permission(id: string): Permission | undefined {
    return this.#records.permissions.get(id);
  }

  /** Throws Refusal if there is one of this name. */
  addPermission({
    name,
    description,
    id = this.newId(),
  }: {
    name: string;
    description: string;
    id?: string;
  }): Permission {
    if (this.permissions().some((one) => one.name === name)) throw new LibraryError("name-exists", name);
    const permission = { id, name, description };
    this.#records.permissions.set(id, permission);
    this.#records.save();
    return permission;
  }

  removePermission(id: string): void {
    this.#records.permissions.delete(id);
    for (const person of this.all()) person.permissionIds = person.permissionIds.filter((one) => one !== id);
    this.#records.save();
  }

  /** The person with this face; if several have it, the one who was registered first. */
  recognise(look: number): PersonRecord | null {
    return this.all().find(({ faces }) => faces.some((face) => face.look === look)) ?? null;
  }

  /** The photo of a face, as the box returns it; null if it has none. */
  photoOf({ photo, look }: Face, personId: string): Buffer | null {
    if (photo !== null) return Buffer.from(photo, "base64");
    return look === null ? null : this.#album.picture("registered", look, personId);
  }

  photoByImage(imageId: string): Buffer | null {
    for (const { id, faces } of this.all()) {
      const face = faces.find((one) => one.imageId === imageId);
      if (face !== undefined) return this.photoOf(face, id);
    }
    return null;
  }
}
