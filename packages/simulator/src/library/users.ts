import type { JsonObject } from "@gatepost/protocol";
import type { BoxAnswer, BoxApiRequest } from "../box-api.ts";
import { bodyOf, isMissing, objectIn, requiredText, textList } from "./fields.ts";
import type { FaceLibrary } from "./library.ts";
import { faceOf, faceOfFeature, readPhoto } from "./photo.ts";
import type { Face, PersonRecord } from "./records.ts";
import { LibraryError } from "./refusal.ts";
import { type Generation, typeOfNumber } from "./types.ts";

type Old = Exclude<Generation, "C">;

/** `/SophonFogSys/api/users` of V2 to V5R7. SYS4.3/1 to 4, SYS5.3/1 to 4; docs/acting.md. */
export function users(generation: Old, library: FaceLibrary, asked: BoxApiRequest): BoxAnswer {
  if (asked.method === "GET") return read(library, asked.query);
  if (asked.method === "POST") return create(generation, library, bodyOf(asked));
  if (asked.method === "PUT") return update(generation, library, bodyOf(asked));
  return asked.method === "DELETE" ? remove(generation, library, bodyOf(asked)) : null;
}

function create(generation: Old, library: FaceLibrary, body: JsonObject): JsonObject {
  const id = requiredText(body, "identity_id");
  const libraries = requiredText(body, "group_name").split(",");
  const { name: _, type: __, permission_ids: ids, ...info } = objectIn(body, "info");
  const name = requiredText(objectIn(body, "info"), "name");
  const type = typeOfNumber(objectIn(body, "info")["type"]);
  // V5R7 has no blacklist here.
  if (generation === "B7" && type === 3) throw new LibraryError("value-bad", "type");
  const known = library.find(id);
  if (known !== undefined && body["ignore_exist"] !== true) throw new LibraryError("id-exists", id);
  const faces = newFaces(generation, library, body);
  const permissionIds = permissionsIn(ids, library, body["create_no_exit_permission"] === true) ?? [];
  const isSingle = generation !== "A" && body["support_single_face"] === true;
  library.put({
    id,
    name,
    type,
    libraries: [...new Set([...(known?.libraries ?? []), ...libraries])],
    permissionIds,
    info,
    faces: isSingle ? faces : [...(known?.faces ?? []), ...faces],
  });
  const echo = { name, type, permission_ids: permissionIds, user_id: id, ...info };
  const group_name = libraries.join();
  return { data: { identity_id: id, group_name, info: echo, reg_photo: body["reg_photo"] ?? "" } };
}

function newFaces(generation: Old, library: FaceLibrary, body: JsonObject): Face[] {
  const { need_bring_pic, import_mode, feature, reg_photo, fiqa_level } = body;
  if (generation !== "A" && import_mode === true) return [faceOfFeature(library, feature)];
  if (generation !== "A" && need_bring_pic === false) return [];
  return [faceOf(library, readPhoto(reg_photo, "reg_photo"), generation === "A" ? "no" : (fiqa_level ?? "no"))];
}

/** Null if none were sent. Throws Refusal if one does not exist and must not be created. */
function permissionsIn(sent: JsonObject[string] | undefined, library: FaceLibrary, creates: boolean): string[] | null {
  if (isMissing(sent)) return null;
  const ids = textList(sent, "permission_ids");
  for (const id of ids) {
    if (library.permission(id) !== undefined) continue;
    if (!creates) throw new LibraryError("group-unknown", id);
    // An unknown one is named by its id until a name is sent. MQ/3.1.
    library.addPermission({ id, name: id, description: "" });
  }
  return ids;
}

function read(library: FaceLibrary, query: URLSearchParams): JsonObject {
  const id = query.get("identity_id");
  if (id !== null) return { data: { identities_list: [shown(library, library.get(id))] } };
  const group = query.get("group_name");
  const members = library.all().filter(({ libraries }) => group === null || libraries.includes(group));
  const [skip, limit] = [Number(query.get("skip_num") ?? 0), Number(query.get("limit") ?? 10)];
  return { data: { identities_list: members.slice(skip, skip + limit).map((person) => shown(library, person)) } };
}

function shown(library: FaceLibrary, person: PersonRecord): JsonObject {
  const { id, name, type, libraries, permissionIds, info, faces } = person;
  const face = faces.at(-1);
  const photo = face === undefined || library.settings.hidesPictures ? null : library.photoOf(face, id);
  return {
    identity_id: id,
    group_name: libraries,
    reg_photo: photo?.toString("base64") ?? "",
    info: { ...info, name, type, user_id: id, permission_ids: permissionIds, image_id: face?.imageId ?? "" },
  };
}

function update(generation: Old, library: FaceLibrary, body: JsonObject): JsonObject {
  const person = library.get(requiredText(body, "identity_id"));
  const { name, type, permission_ids: sent, user_id, image_id: _, ...info } = objectIn(body, "info");
  if (!isMissing(user_id) && user_id !== person.id) throw new LibraryError("value-bad", "user_id");
  if (generation !== "A" && isMissing(sent)) throw new LibraryError("field-missing", "permission_ids");
  const creates = generation === "A" || body["create_no_exit_permission"] === true;
  const faces = isMissing(body["reg_photo"])
    ? person.faces
    : [faceOf(library, readPhoto(body["reg_photo"], "reg_photo"), "no")];
  const updated: PersonRecord = {
    ...person,
    name: isMissing(name) ? person.name : requiredText({ name }, "name"),
    type: isMissing(type) ? person.type : typeOfNumber(type),
    permissionIds: permissionsIn(sent, library, creates) ?? person.permissionIds,
    info: { ...person.info, ...info },
    faces: library.settings.keepsOldPhoto ? person.faces : faces,
  };
  library.put(updated);
  const { reg_photo: __, info: told, ...rest } = shown(library, updated);
  return { data: { ...rest, info: told ?? {}, image_id: updated.faces.at(-1)?.imageId ?? "" } };
}

function remove(generation: Old, library: FaceLibrary, body: JsonObject): JsonObject {
  const message = "have remove from group success";
  if (generation === "B7" && !isMissing(body["identity_ids"])) {
    const gone = textList(body["identity_ids"], "identity_ids").filter((id) => library.remove(id));
    return { data: { identity_ids: gone, message } };
  }
  const { id, libraries } = library.get(requiredText(body, "identity_id"));
  library.remove(id);
  return { data: { identity_id: id, group_name: libraries, message } };
}
