import { type Me, Refusal } from "@gatepost/client";
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { entryOf, words } from "../words/index.ts";
import { say, sayUndoable } from "./notice.ts";
import { preferences } from "./preferences.ts";

/** Why something is not shown. `status` is 0 if no answer arrived. */
export interface Failure {
  status: number;
  /** The server's reason, in English; empty if a proxy in between answered. */
  detail: string;
  /** Method and path. */
  asked: string;
  retryAfter: number | null;
}

/** Makes a failure of a thrown error; null if the request was only cancelled. */
export function failureOf(error: unknown): Failure | null {
  if (error instanceof Refusal) {
    const detail = error.isProblem ? error.message : "";
    return { status: error.status, detail, asked: error.asked, retryAfter: error.retryAfter };
  }
  if (error instanceof DOMException && error.name === "AbortError") return null;
  return { status: 0, detail: error instanceof Error ? error.message : String(error), asked: "", retryAfter: null };
}

/** A reason of a refusal, in the language of the page, and the members of the request that it is about, by their names. */
export interface Fault {
  members: readonly string[];
  text: string;
}

/** Parts of a refusal, as the server joins them: `name: may have 64 characters; in, out: must be on the day`. */
const joint = /; (?=[\w.[\]-]+(?:, [\w.[\]-]+)*: )/;
const withMembers = /^([\w.[\]-]+(?:, [\w.[\]-]+)*): (.+)$/s;

/**
 * The reasons of a failure. Without an answer, the browser's own text is not for people. If there is no translation, the
 * sentence of the status is given, with the server's words behind it.
 */
export function faultsOf({ status, detail }: Failure): Fault[] {
  const { failure: w } = words.value;
  if (status === 0) return [{ members: [], text: w.offline }];
  const faults = detail === "" ? [] : detail.split(joint).map(faultOf);
  if (faults.length > 0 && faults.every((fault) => fault !== null)) return faults;
  const why = w.byStatus[status] ?? (status >= 500 ? w.unavailable : w.notTaken);
  return [{ members: [], text: detail === "" ? why : w.with(why, detail) }];
}

/** Null if it has no translation. */
function faultOf(said: string): Fault | null {
  const [, path = "", reason = ""] = withMembers.exec(said) ?? [];
  // An item of a list has the field of the list.
  const members = path.split(", ").map((member) => member.replace(/\.\d+$/, ""));
  const isNamed = members.every((member) => labelOf(member) !== null);
  const text = inLanguage(isNamed ? reason : said);
  return text === null ? null : { members: isNamed ? members : [], text };
}

/** The failure in one sentence. A member of the request has the label of its field. */
export function failureText(failure: Failure): string {
  const isChinese = preferences.value.language === "zh";
  const texts = faultsOf(failure).map(({ members, text }) => {
    const names = members.map((member) => labelOf(member) ?? member).join(isChinese ? "、" : ", ");
    return names === "" ? text : isChinese ? `${names}：${text}` : `${names}: ${text}`;
  });
  return texts.join(isChinese ? "；" : "; ");
}

/** Whether asking again may help. */
export const isPassing = ({ status }: Failure) => status === 0 || status === 429 || status >= 500;

/** Translates a refusal of the server; null until it is loaded. English needs none. */
const translate = signal<((detail: string) => string | null) | null>(null);

// Loaded apart from the page: only Chinese needs it.
effect(() => {
  if (preferences.value.language !== "zh" || translate.peek() !== null) return;
  Promise.all([
    import("@gatepost/alerts/reasons"),
    import("../words/zh-refusals.ts"),
    import("@gatepost/alerts/reasons/zh"),
  ]).then(
    ([{ refusalsIn }, { zhRefusals }, { zhReasons }]) => {
      translate.value = refusalsIn({ ...zhRefusals, ...zhReasons });
    },
    // Without the translations, `failureText` goes by the status.
    () => null,
  );
});

/** The labels of members; null until they are loaded, apart from the page: most pages show no refusal. */
const naming = signal<ReadonlySignal<Readonly<Record<string, string>>> | null>(null);

/** Loads the labels. Without them, members have their own names. */
const loadLabels = () =>
  import("../words/labels.ts").then(
    ({ labels }) => {
      naming.value = labels;
    },
    () => null,
  );

/** The label of a member, by its last name; null if it has none. */
function labelOf(member: string): string | null {
  if (naming.value === null) {
    if (member !== "") void loadLabels();
    return null;
  }
  const name = member.slice(member.lastIndexOf(".") + 1);
  return entryOf(naming.value.value, name) ?? null;
}

/** A sentence of the server in the language of the page; null if there is no translation. */
export function inLanguage(detail: string): string | null {
  if (detail === "") return null;
  return preferences.value.language === "en" ? detail : (translate.value?.(detail) ?? null);
}

/** The same; in the server's words if there is no translation. */
export const inLanguageOrAsIs = (detail: string): string => inLanguage(detail) ?? detail;

/**
 * Why a key opens nothing, or nothing any more.
 *
 * @param code the server's code for it
 * @param known the server's answer about the key while it still worked; null if it never did
 */
export function whyRefused(
  code: string | null,
  known: Pick<Me, "key"> | null,
  now: number,
): "revoked" | "expired" | "unknown" {
  if (code === "revoked" || code === "expired") return code;
  if (known === null) return "unknown";
  const { expiresAt } = known.key ?? {};
  return expiresAt !== undefined && Date.parse(expiresAt) <= now ? "expired" : "revoked";
}

/**
 * Does an act for the user, and shows at the foot of the page why it failed. Resolves with its result, or null.
 *
 * @param wordsOf the text for a failure; the server's own sentence if it is absent
 */
export async function attempt<Result>(
  act: () => Promise<Result>,
  wordsOf: (failure: Failure) => string = failureText,
): Promise<Result | null> {
  try {
    return await act();
  } catch (error) {
    await sayFailure(failureOf(error), wordsOf);
    return null;
  }
}

/** Sets a value for the user, and offers to set the one before again. */
export async function setUndoably<Value>(
  set: (value: Value) => Promise<unknown>,
  { next, before, said }: { next: Value; before: Value; said: string },
): Promise<void> {
  const isSet = await attempt(() => set(next).then(() => true));
  if (isSet) sayUndoable(said, () => attempt(() => set(before)));
}

/** The text for an undo that failed. */
export const notUndone = (failure: Failure) => words.peek().notUndone(failureText(failure));

/** Says at the foot of the page why something failed; nothing if it was only cancelled. */
export async function sayFailure(failure: Failure | null, wordsOf = failureText): Promise<void> {
  if (failure === null) return;
  // Only an answer of the server names members.
  if (failure.status !== 0 && failure.detail !== "") await loadLabels();
  say(wordsOf(failure));
}
