import type { JsonObject } from "@gatepost/protocol";
import type { BoxAnswer, BoxApiRequest } from "../box-api.ts";
import { bodyOf, optionalText, requiredText } from "./fields.ts";
import type { FaceLibrary } from "./library.ts";
import type { Permission } from "./records.ts";
import { LibraryError } from "./refusal.ts";

/** `/SophonFogSys/api/permissions` of V2 to V5R7: it names groups, and never tells their ids. SYS4.1/1 and 2. */
export function namedPermissions(library: FaceLibrary, asked: BoxApiRequest): BoxAnswer {
  if (asked.method === "GET") {
    const name = asked.query.get("permission_name");
    const found = library.permissions().filter((one) => name === null || one.name === name);
    return { data: { permissions_list: found.map(({ name, description }) => ({ name, description })) } };
  }
  if (asked.method !== "POST") return null;
  const body = bodyOf(asked);
  const { name, description } = library.addPermission({
    name: requiredText(body, "permission_name"),
    description: String(body["description"] ?? ""),
  });
  return { data: { info: { name, description } } };
}

/** `/SophonFace/api/permissions` of the samples of V2R6, V5R6 and V5R7: it tells the ids. */
export function identifiedPermissions(library: FaceLibrary, { method, query }: BoxApiRequest): BoxAnswer {
  if (method !== "GET") return null;
  const name = query.get("info.name");
  const found = library.permissions().filter((one) => name === null || one.name === name);
  return { data: found.map(({ id, name, description }) => ({ _id: id, info: { name, description } })) };
}

const shown = ({ id, name, description }: Permission): JsonObject => ({
  permission_id: id,
  permission_name: name,
  description,
});

/** V6: `createpermission`, `getpermission`, `getpermissions`, `deletepermission`. SYS5.1-V6. */
export const permissionsV6: Record<string, (library: FaceLibrary, body: JsonObject) => JsonObject> = {
  createpermission(library, body) {
    const id = optionalText(body, "permission_id") ?? library.newId();
    const name = requiredText(body, "permission_name");
    return shown(library.addPermission({ id, name, description: String(body["description"] ?? "") }));
  },
  getpermission: (library, body) => shown(wanted(library, body)),
  getpermissions(library, body) {
    const part = optionalText(body, "permission_name") ?? "";
    const found = library.permissions().filter(({ name }) => name.includes(part));
    const [limit, index] = [Number(body["page_limit"] ?? 10), Number(body["page_index"] ?? 0)];
    const pagination = { page_index: index, page_limit: limit, total_count: found.length };
    return { permissions: found.slice(index * limit, (index + 1) * limit).map(shown), pagination };
  },
  deletepermission(library, body) {
    const { id } = wanted(library, body);
    library.removePermission(id);
    return { permission_id: id };
  },
};

function wanted(library: FaceLibrary, body: JsonObject): Permission {
  const [id, name] = [optionalText(body, "permission_id"), optionalText(body, "permission_name")];
  const found = library.permissions().find((one) => (id === null ? one.name === name : one.id === id));
  if (found === undefined) throw new LibraryError("group-unknown", id ?? name ?? "");
  return found;
}
