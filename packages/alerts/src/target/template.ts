/** The placeholders of a template. */
const names = [
  "what",
  "who",
  "kind",
  "where",
  "when",
  "score",
  "box",
  "device",
  "rule",
  "link",
  "picture",
  "mute",
] as const;
export type Placeholder = (typeof names)[number];

export type Language = "zh" | "en";

/** A line of a template: its owner's text, and placeholders between. */
type TemplateLine = (string | { name: Placeholder })[];

export interface Template {
  language: Language;
  lines: TemplateLine[];
}

const usual: Record<Language, string> = {
  zh: "人员：{who}（{kind}）\n地点：{where}\n时间：{when}\n{picture}\n{link}\n{mute}",
  en: "Who: {who} ({kind})\nWhere: {where}\nWhen: {when}\n{picture}\n{link}\n{mute}",
};

const maxLines = 30;

/**
 * Reads a template: `zh` and `en` are Gatepost's own. Returns its fault as a text. A template written by hand is
 * Chinese if it has a Chinese character.
 *
 * @param isWithoutPicture whether Gatepost's own have no picture
 */
export function templateOf(text: string, isWithoutPicture = false): Template | string {
  const language = text === "zh" || (text !== "en" && /\p{Script=Han}/u.test(text)) ? "zh" : "en";
  const own = text === "zh" || text === "en" ? usual[text] : null;
  const written = own === null ? text : isWithoutPicture ? own.replace("{picture}\n", "") : own;
  const unknown = [...written.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !isPlaceholder(name));
  if (unknown !== undefined)
    return `{${unknown[1]?.slice(0, 20)}} is not known; there are ${names.map((one) => `{${one}}`).join(" ")}`;
  const lines = written.split(/\r?\n/).map(lineOf);
  if (written.trim() === "" || lines.length > maxLines) return `must have 1 to ${maxLines} lines`;
  return { language, lines };
}

function lineOf(line: string): TemplateLine {
  return line.split(/(\{[a-z]+\})/).flatMap((part): TemplateLine => {
    const name = part.startsWith("{") ? part.slice(1, -1) : "";
    if (isPlaceholder(name)) return [{ name }];
    return part === "" ? [] : [part];
  });
}

function isPlaceholder(name: string | undefined): name is Placeholder {
  return names.some((one) => one === name);
}
