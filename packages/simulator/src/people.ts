import { pick, type Random, uuid, whole } from "./random.ts";

/** 1 employee · 2 visitor · 3 blacklist · 4 stranger · 5 VIP. docs/formats.md §1. */
export type PersonType = 1 | 2 | 3 | 4 | 5;

export interface Person {
  /** A stranger's id: a text that looks like a time, anew each time. docs/formats.md §2 (c). */
  id: string;
  name: string;
  type: PersonType;
  group: string;
  /** The id of the registered picture; "" for a stranger. */
  imageId: string;
  /** Which of an album's faces it is. */
  look: number;
}

const chinese = {
  surnames: ["王", "李", "张", "刘", "陈", "杨", "黄"],
  givenNames: ["芳", "伟", "秀英", "敏", "静", "磊", "洋"],
} as const;
const western = {
  surnames: ["Keller", "Nowak", "Okafor", "Silva"],
  givenNames: ["Anna", "Jonas", "Chidi", "Lucia"],
} as const;

/** Types as often as an office sees them. */
const types = [1, 1, 1, 1, 1, 1, 2, 2, 5, 3] as const;

/** The registered people of a place. */
export function registered(count: number, random: Random): [Person, ...Person[]] {
  const person = (number: number): Person => ({
    id: String(888_001 + number),
    name: nameOf(random),
    type: pick(types, random),
    group: "default_group",
    imageId: uuid(random),
    look: whole(0, 1000, random),
  });
  return [person(0), ...Array.from({ length: count - 1 }, (_, index) => person(index + 1))];
}

/** A name as people write it: “王芳” or “Jonas Keller”. */
function nameOf(random: Random): string {
  if (random() < 0.6) return `${pick(chinese.surnames, random)}${pick(chinese.givenNames, random)}`;
  return `${pick(western.givenNames, random)} ${pick(western.surnames, random)}`;
}

/** A person unknown to every box, as seen at `at` ms. */
export function stranger(at: number, random: Random): Person {
  const digits = String(whole(0, 10_000_000, random)).padStart(7, "0");
  return {
    id: `${Math.floor(at / 1000)}.${digits}`,
    name: "stranger",
    type: 4,
    group: "",
    imageId: "",
    // A look that no registered person has.
    look: whole(1000, 2000, random),
  };
}
