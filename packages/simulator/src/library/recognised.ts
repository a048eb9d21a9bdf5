import type { Passing } from "../passing.ts";
import type { FaceLibrary } from "./library.ts";

const knownScore = 0.91;
const strangerScore = 0.24;

/**
 * A passing as a box with this library reports it: a registered person is known from then on, and a removed person is a
 * stranger again.
 */
export function recognised(passing: Passing, library: FaceLibrary): Passing {
  const { person, wantAction } = passing;
  const known = library.find(person.id) ?? library.recognise(person.look);
  if (known === null) return person.type === 4 ? passing : asStranger(passing);
  const { id, name, type, libraries, faces } = known;
  const face = faces.find(({ look }) => look === person.look) ?? faces.at(-1);
  const group = libraries.join() || "default_group";
  return {
    ...passing,
    person: { id, name, type, group, imageId: face?.imageId ?? "", look: person.look },
    score: person.type === 4 ? knownScore : passing.score,
    // A known person needs no registration.
    wantAction: wantAction === "1001" ? "0" : wantAction,
  };
}

function asStranger(passing: Passing): Passing {
  const { person, at, number } = passing;
  const id = `${Math.floor(at / 1000)}.${String(number).padStart(7, "0")}`;
  const unknown = { ...person, id, name: "stranger", type: 4, group: "", imageId: "" } as const;
  return { ...passing, person: unknown, score: strangerScore, wantAction: "0" };
}
