import type { JsonObject } from "@gatepost/protocol";
import { blank } from "../blank.ts";
import type { Version } from "../bodies/versions.ts";
import { type BoxAnswer, type BoxApiRequest, Reply } from "../box-api.ts";
import { bodyOf } from "./fields.ts";
import { identities } from "./identities.ts";
import type { FaceLibrary } from "./library.ts";
import { type Matched, matchingV5, matchingV6 } from "./matching.ts";
import { identifiedPermissions, namedPermissions, permissionsV6 } from "./permissions.ts";
import { errorV5, errorV6, LibraryError } from "./refusal.ts";
import type { Generation } from "./types.ts";
import { users } from "./users.ts";

const generations: Partial<Record<Version, Generation>> = { V2R2: "A", V2R4: "A", V5R2: "A", V5R7: "B7", V6: "C" };

/** The generation of the person interface that a version has. docs/acting.md. */
export function generationOf(version: Version): Generation {
  return generations[version] ?? "B";
}

/** The box's reaction to a request; null if its generation has no such address. */
type Step = (() => BoxAnswer) | null;

/** The person interface of a box on its port 5555, as its generation has it. docs/acting.md. */
export function personApi(
  generation: Generation,
  library: FaceLibrary,
  matched: Matched,
): (asked: BoxApiRequest) => BoxAnswer {
  let number = 0;
  const stepOf = generation === "C" ? stepV6 : stepV5(generation);
  const refuse = generation === "C" ? errorV6 : errorV5;
  return (asked) => {
    const step = stepOf(asked, library, matched);
    if (step === null) return null;
    const mishap = library.settings.mishap(number++, asked);
    if (mishap === "reset-before") return "reset";
    if (mishap === "server-error") return new Reply(500, refuse(new LibraryError("internal")));
    const answer = answered(step, library, refuse);
    if (mishap === "reset-after") return "reset";
    return mishap === "silence-after" ? "silence" : answer;
  };
}

function answered(
  step: () => BoxAnswer,
  library: FaceLibrary,
  refuse: (refusal: LibraryError) => JsonObject,
): BoxAnswer {
  try {
    return step();
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    return new Reply(library.settings.errorStatus, refuse(error));
  }
}

function stepV5(generation: Exclude<Generation, "C">) {
  return (asked: BoxApiRequest, library: FaceLibrary, matched: Matched): Step => {
    const { method, path } = asked;
    if (path === "/SophonFogSys/api/users") return () => users(generation, library, asked);
    if (path === "/SophonFogSys/api/permissions") return () => namedPermissions(library, asked);
    if (generation === "A") return null;
    if (path === "/SophonFace/api/permissions") return () => identifiedPermissions(library, asked);
    const image = pictureAt("/SophonFace/api/images/", asked);
    const picture = image === null ? null : library.photoByImage(image);
    if (picture !== null) return () => hidden(library) ?? picture;
    const match = matchingV5[path];
    return match === undefined || method !== "POST" ? null : () => match(library, bodyOf(asked), matched);
  };
}

/** An error, if the box does not return its pictures. */
function hidden({ settings }: FaceLibrary): BoxAnswer {
  if (settings.hidesPictures) throw new LibraryError("id-unknown", "image_id");
  return null;
}

const prefixV6 = "/sophon/v2/face/";

function stepV6(asked: BoxApiRequest, library: FaceLibrary, matched: Matched): Step {
  const image = pictureAt(`${prefixV6}getregisterimage/`, asked);
  if (image !== null) {
    return () => (library.settings.hidesPictures ? blank : (library.photoByImage(image) ?? blank));
  }
  if (asked.method !== "POST" || !asked.path.startsWith(prefixV6)) return null;
  const name = asked.path.slice(prefixV6.length);
  const persons = identities[name] ?? permissionsV6[name];
  if (persons !== undefined) return () => persons(library, bodyOf(asked));
  const match = matchingV6[name];
  return match === undefined ? null : () => match(library, bodyOf(asked), matched);
}

function pictureAt(prefix: string, { method, path }: BoxApiRequest): string | null {
  return method === "GET" && path.startsWith(prefix) ? decodeURIComponent(path.slice(prefix.length)) : null;
}
