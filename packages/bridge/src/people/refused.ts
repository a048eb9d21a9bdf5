import { BoxError, type BoxRefusal } from "../se5/box-error.ts";
import { whyOf } from "../why.ts";

/** A box refuses it finally. The message is a sentence for people. */
export class Refused extends Error {}

const noFace = "the box finds no face in the photo";
const unreadable = "the box cannot read the photo";
const tooLarge = "the photo is larger than the box takes";
const full = "the library of the box is full: remove people there, or make it larger";
const noGroup = "the box does not have this library or permission group";

/** What the codes of refusals mean: numbers up to V5R7 (MQ/3c), words in V6 (SYS5.3-V6). docs/acting.md. */
const meanings = new Map([
  ["40004", noFace],
  ["40094", noFace],
  ["NO_FACE_ERROR", noFace],
  ["40006", "the photo is too poor for the box"],
  ["LOW_QUALITY_ERROR", "the photo is too poor for the box"],
  ["40009", "the face in the photo is too small for the box"],
  ["40003", unreadable],
  ["IMAGE_DECODE_ERROR", unreadable],
  ["40007", tooLarge],
  ["41300", tooLarge],
  ["IMAGE_SIZE_TOO_LARGE_ERROR", tooLarge],
  ["40015", full],
  ["GROUP_LEN_ERROR", full],
  ["40008", noGroup],
  ["40012", noGroup],
  ["40013", noGroup],
  ["PERMISSION_ID_NOT_FOUND", noGroup],
]);

const unknownIds = new Set(["40400", "40401", "ID_NOT_FOUND", "PERMISSION_ID_NOT_FOUND"]);
/** Server errors after which the request should be repeated. */
const busy = new Set(["50072", "INTERNAL_ERROR"]);

/** Whether the box says that it does not have this id. */
export function isUnknownId(error: unknown): boolean {
  return error instanceof BoxError && error.refusal !== null && unknownIds.has(error.refusal.code);
}

/** Whether the box says that it has this person's id already. */
export function isRepeatedId(error: unknown): boolean {
  return error instanceof BoxError && ["40011", "ID_REPEAT_ERROR"].includes(error.refusal?.code ?? "");
}

/** Whether the box says that it has a group of this name already. */
export function isRepeatedGroup(error: unknown): boolean {
  return isRepeatedId(error) || (error instanceof BoxError && error.refusal?.code === "NAME_REPEAT_ERROR");
}

/** Whether the firmware has no such address. */
export function isMissing(error: unknown): boolean {
  return error instanceof BoxError && error.status === 404;
}

/** Turns an error into a final one if trying again cannot help. Returns other errors unchanged. */
export function judged(error: unknown): unknown {
  if (!(error instanceof BoxError)) return error;
  const { status, refusal } = error;
  if (status === 401 || status === 403) {
    return new Refused("the box wants a login, which its documents do not have for this interface", { cause: error });
  }
  if (refusal !== null) return busy.has(refusal.code) ? error : new Refused(inWords(refusal), { cause: error });
  const isPassing = status === null || status >= 500 || status === 408 || status === 429;
  return isPassing ? error : new Refused(whyOf(error), { cause: error });
}

function inWords({ code, message }: BoxRefusal): string {
  const meaning = meanings.get(code);
  const said = message === "" ? code : `${code} ${message}`;
  return meaning === undefined ? `the box refuses it: ${said}` : `${meaning} (${said})`;
}

/** The faults of a photo, in the words of the box. */
export function tooPoor(fails: readonly string[]): string {
  const items = fails.slice(0, 10).map((item) => item.replace(/[^\w -]/g, "").slice(0, 40));
  return `the photo is too poor for the box${items.length === 0 ? "" : `: ${items.join(", ")}`}`;
}

type Ended = { state: "failed" | "later"; reason: string };

/**
 * Runs a try of an order. A final refusal of the box ends as failed, a temporary failure as later. Everything else is
 * thrown: faults of our own, and the reason of an aborted signal.
 */
export async function ended<Done>(signal: AbortSignal, run: () => Promise<Done>): Promise<Done | Ended> {
  try {
    signal.throwIfAborted();
    return await run();
  } catch (thrown) {
    signal.throwIfAborted();
    const error = judged(thrown);
    if (error instanceof Refused) return { state: "failed", reason: sentence(whyOf(error)) };
    if (error instanceof BoxError)
      return { state: "later", reason: sentence(`the box cannot be asked: ${whyOf(error)}`) };
    throw error;
  }
}

/** Makes a whole sentence, because people read it and other sentences follow it. */
export function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
