import type { JsonObject } from "@gatepost/protocol";

/** Why a box refuses, with the code of each generation. docs/acting.md. */
const codes = {
  "no-face": [40004, "NO_FACE", "NO_FACE_ERROR"],
  "low-quality": [40006, "LOW_QUALITY", "LOW_QUALITY_ERROR"],
  undecodable: [40003, "IMAGE_ERROR", "IMAGE_DECODE_ERROR"],
  "too-large": [40007, "IMAGE_TOO_LARGE", "IMAGE_SIZE_TOO_LARGE_ERROR"],
  "id-exists": [40011, "IDENTITY_EXSIT_ERROR", "ID_REPEAT_ERROR"],
  "id-unknown": [40401, "IDENTITY_NOT_FOUND", "ID_NOT_FOUND"],
  full: [40015, "GROUP_LEN_ERROR", "GROUP_LEN_ERROR"],
  "group-unknown": [40012, "GROUP_ERROR", "ID_NOT_FOUND"],
  "feature-bad": [40010, "FEATURE_ERROR", "INVALID_ARGUMENTS"],
  "field-missing": [40002, "MISSING_ARGUMENTS", "MISSING_ARGUMENTS"],
  "value-bad": [40091, "INVALID_ARGUMENTS", "INVALID_ARGUMENTS"],
  "json-bad": [40005, "JSON_ERROR", "INVALID_REQUEST_JSON"],
  "content-type": [41591, "UNSUPPORT_CONTENT_TYPE", "UNSUPPORT_CONTENT_TYPE"],
  "name-exists": [40011, "NAME_EXIST_ERROR", "NAME_REPEAT_ERROR"],
  internal: [50072, "SERVER_ERROR", "INTERNAL_ERROR"],
} as const;

export type RefusalKind = keyof typeof codes;

/** What a box refuses; the detail is what its message names. */
export class LibraryError extends Error {
  readonly kind: RefusalKind;
  readonly detail: string;

  constructor(kind: RefusalKind, detail = "") {
    super(`${kind} ${detail}`);
    this.kind = kind;
    this.detail = detail;
  }
}

/** The body in which V2 to V5R7 refuse: a number. MQ/3c. */
export function errorV5({ kind, detail }: LibraryError): JsonObject {
  const [code, status] = codes[kind];
  return { error: { code, message: detail === "" ? status : detail, status } };
}

/** The body in which V6 refuses: a word. SYS5.3-V6. */
export function errorV6({ kind, detail }: LibraryError): JsonObject {
  return { error: { code: codes[kind][2], message: detail } };
}
