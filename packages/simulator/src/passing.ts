import type { Album, PictureName } from "./album.ts";
import type { FaceLibrary } from "./library/library.ts";
import type { Person } from "./people.ts";

/** What a box takes pictures with. */
export interface Device {
  id: string;
  ip: string;
  name: string;
  /** "0" gate · "1" snapshot camera · "3" dynamic IPC · "4" door. docs/formats.md §1. */
  type: "0" | "1" | "3" | "4";
}

/** One person who went by one device once: what every report of it is written from. */
export interface Passing {
  /** Counts the passings of its box. */
  number: number;
  box: string;
  serial: string;
  device: Device;
  person: Person;
  /** ms since 1970 by the clock of the box. */
  at: number;
  /** 0 to 1. */
  score: number;
  wantAction: "0" | "1001" | "1002";
  /** Of a stranger: whether the picture is good enough to be registered. */
  isRegistrable: boolean;
}

/** The pictures of a passing, each with unique bytes. The registered one is from the library, if there is one. */
export function picturesOf(
  passing: Passing,
  album: Album,
  library: FaceLibrary | null = null,
): Record<PictureName, Buffer | null> {
  const { person, box, number } = passing;
  const taken = (name: PictureName) => album.picture(name, person.look, `${box} ${number} ${passing.at}`);
  return {
    scene: taken("scene"),
    face: taken("face"),
    registered:
      person.type === 4
        ? null
        : (library?.photoByImage(person.imageId) ?? album.picture("registered", person.look, person.id)),
  };
}

/** A picture as boxes write it into JSON; "" if there is none. */
export function base64(picture: Buffer | null): string {
  return picture?.toString("base64") ?? "";
}

/** Which pictures a report carries. */
export interface Switches {
  registered: boolean;
  scene: boolean;
  face: boolean;
}

export type Pictures = ReturnType<typeof picturesOf>;

/** The pictures that the switches let through. */
export function switched(pictures: Pictures, switches: Switches): Pictures {
  return {
    scene: switches.scene ? pictures.scene : null,
    face: switches.face ? pictures.face : null,
    registered: switches.registered ? pictures.registered : null,
  };
}
