import type { Json, JsonObject } from "@gatepost/protocol";
import { userTypes } from "../bodies/flat.ts";
import { isMissing, objectIn, optionalText, requiredText, textList } from "./fields.ts";
import type { FaceLibrary } from "./library.ts";
import { faceOf, faceOfFeature, readPhoto } from "./photo.ts";
import type { Face, PersonRecord } from "./records.ts";
import { LibraryError } from "./refusal.ts";
import { typeOfWord } from "./types.ts";

/** The persons of V6, `/sophon/v2/face/…`. SYS5.3-V6; docs/acting.md. */
export const identities: Record<string, (library: FaceLibrary, body: JsonObject) => JsonObject> = {
  createidentity: create,
  getidentity: (library, body) => shown(library.get(requiredText(body, "identity_id"))),
  getidentities: list,
  updateidentity: update,
  deleteidentities: remove,
  addface(library, body) {
    const person = library.get(requiredText(body, "identity_id"));
    return faces(library, { ...person, faces: [...person.faces, newFace(library, body)] });
  },
  deleteface(library, body) {
    const person = library.get(requiredText(body, "identity_id"));
    const gone = chosen(person, body);
    return faces(library, { ...person, faces: person.faces.filter((face) => face !== gone) });
  },
  replaceface(library, body) {
    const person = library.get(requiredText(body, "identity_id"));
    const [old, face] = [chosen(person, body), newFace(library, body)];
    if (library.settings.keepsOldPhoto) return faces(library, person);
    return faces(library, { ...person, faces: person.faces.map((one) => (one === old ? face : one)) });
  },
};

function create(library: FaceLibrary, body: JsonObject): JsonObject {
  const id = body["identity_id"] === "" ? library.newId() : (optionalText(body, "identity_id") ?? library.newId());
  if (library.find(id) !== undefined && body["force_replace"] !== true) throw new LibraryError("id-exists", id);
  const face = newFace(library, body);
  library.put({ id, libraries: [], ...described(library, body), faces: [face] });
  return { identity_id: id, register_image_id: face.imageId, face_id: face.faceId };
}

/** A member that is left out gets its default, also in an update: the text calls that a forced overwrite. SYS5.3-V6/4. */
function described(library: FaceLibrary, body: JsonObject): Omit<PersonRecord, "id" | "faces" | "libraries"> {
  const permissionIds = textList(body["permission_ids"] ?? [], "permission_ids");
  const unknown = permissionIds.find((id) => library.permission(id) === undefined);
  if (unknown !== undefined) throw new LibraryError("group-unknown", unknown);
  return {
    name: optionalText(body, "identity_name") ?? "佚名",
    type: typeOfWord(body["user_type"] ?? "employee"),
    permissionIds,
    info: isMissing(body["ext_user_info"]) ? {} : objectIn(body, "ext_user_info"),
  };
}

/** The feature before the photo. Quality is "high" if no level is sent. */
function newFace(library: FaceLibrary, body: JsonObject): Face {
  const { register_feature: feature, register_image: image, fiqa_level } = body;
  if (!isMissing(feature)) return faceOfFeature(library, feature);
  return faceOf(library, readPhoto(image, "register_image"), fiqa_level ?? "high");
}

function shown({ id, name, type, permissionIds, info, faces: all }: PersonRecord): JsonObject {
  return {
    identity_id: id,
    identity_name: name,
    user_type: userTypes[type],
    permission_ids: permissionIds,
    ext_user_info: info,
    face_ids: all.map(({ faceId }) => faceId),
    register_image_ids: all.map(({ imageId }) => imageId),
  };
}

function list(library: FaceLibrary, body: JsonObject): JsonObject {
  const filters = isMissing(body["filters"]) ? {} : objectIn(body, "filters");
  const groups = textList(filters["permission_id_list"] ?? [], "permission_id_list");
  const [part, id] = [optionalText(filters, "identity_name") ?? "", optionalText(filters, "identity_id")];
  const found = library
    .all()
    .filter((person) => id === null || person.id === id)
    .filter(({ name }) => name.includes(part))
    .filter(({ permissionIds }) => groups.length === 0 || groups.some((one) => permissionIds.includes(one)));
  const [limit, index] = [Number(body["page_limit"] ?? 10), Number(body["page_index"] ?? 0)];
  const pagination = { page_index: index, page_limit: limit, total_count: found.length };
  return { identities: found.slice(index * limit, (index + 1) * limit).map(shown), pagination };
}

function update(library: FaceLibrary, body: JsonObject): JsonObject {
  const person = library.get(requiredText(body, "identity_id"));
  const updated = { ...person, ...described(library, body) };
  library.put(updated);
  return shown(updated);
}

function remove(library: FaceLibrary, body: JsonObject): JsonObject {
  if (isMissing(body["identity_ids"])) throw new LibraryError("field-missing", "identity_ids");
  const ids = textList(body["identity_ids"], "identity_ids");
  const gone = ids.filter((id) => library.remove(id));
  return { success_identity_ids: gone, failed_identity_ids: ids.filter((id) => !gone.includes(id)) };
}

/** The face that a request means. Throws Refusal. */
function chosen({ faces: all }: PersonRecord, body: JsonObject): Face {
  const { register_image_id: image, face_id: face, register_image_index: index } = body;
  const isIt = (one: Face, at: number): boolean =>
    !isMissing(image) ? one.imageId === image : !isMissing(face) ? one.faceId === face : at === index;
  const found = all.find(isIt);
  if (found === undefined) throw new LibraryError("value-bad", "register_image_index");
  return found;
}

function faces(library: FaceLibrary, person: PersonRecord): JsonObject {
  library.put(person);
  const { identity_id: id, face_ids, register_image_ids } = shown(person);
  const faceCount: Json = person.faces.length;
  return {
    identity_id: id ?? "",
    total_face_cnt: faceCount,
    face_ids: face_ids ?? [],
    register_image_ids: register_image_ids ?? [],
  };
}
