import { isWantAction } from "@gatepost/protocol";
import { endOfString } from "./scan.ts";

/** A quoted text of so few characters is surely just a name or a number. */
const maxWord = 66;

const actionNames = ["want_action", "post_action"];

/** Characters that may surround a word in JSON: quotes and white space, also escaped. */
const besidesWord = /["\s]|\\[nrt]/g;

/**
 * Whether parsing JSON in which a name occurs twice drops more than a word: an object, a list or a long text, for
 * example a picture, or a wish for an action where the last value is a different one. Reads each character once.
 */
export function dropsMuch(json: string): boolean {
  const marks = /["{}[\],:]/g;
  const walk = new Walk(json);
  for (let mark = marks.exec(json); mark !== null && !walk.hasLost; mark = marks.exec(json)) {
    if (mark[0] === '"') marks.lastIndex = walk.string(mark.index);
    else walk.mark(mark[0], mark.index);
  }
  return walk.hasLost;
}

/**
 * An object or list that is open: its members as text, and where the last one begins. A list has no members by name.
 */
interface Open {
  members: Map<string, string>;
  name: string;
  from: number | null;
}

class Walk {
  hasLost = false;
  readonly #json: string;
  readonly #open: Open[] = [];
  #string = "";

  constructor(json: string) {
    this.#json = json;
  }

  /** Takes the string that begins at `from`; returns where it ends. */
  string(from: number): number {
    const to = endOfString(this.#json, from + 1, '"') + 1;
    this.#string = this.#json.slice(from, to);
    return to;
  }

  mark(sign: string, at: number): void {
    const inner = this.#open.at(-1);
    if (inner !== undefined) this.#markIn(inner, sign, at);
    if (sign === "{" || sign === "[") this.#open.push({ members: new Map(), name: "", from: null });
    if (sign === "}" || sign === "]") this.#open.pop();
  }

  #markIn(inner: Open, sign: string, at: number): void {
    if (sign === ":") {
      inner.name = nameIn(this.#string);
      inner.from = at + 1;
    }
    const isEnd = sign === "," || sign === "}";
    if (isEnd && inner.from !== null) this.#member(inner, this.#json.slice(inner.from, at).trim());
  }

  /**
   * Notes a value, which may replace another one of the same name. Texts are compared, not parsed values, because that
   * takes long.
   */
  #member({ members, name }: Open, value: string): void {
    const before = members.get(name);
    members.set(name, value);
    this.hasLost ||= before !== undefined && isMuch(name, before) && before !== value;
  }
}

function nameIn(string: string): string {
  return string.includes("\\") ? JSON.parse(string) : string.slice(1, -1);
}

function isMuch(name: string, value: string): boolean {
  if (/^[{[]/.test(value)) return true;
  return value.length > maxWord || (actionNames.includes(name) && isWantAction(value.replace(besidesWord, "")));
}
