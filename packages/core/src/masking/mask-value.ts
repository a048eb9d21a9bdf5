import { isSecretName, type Json, type JsonObject } from "@gatepost/protocol";
import { CharacterTurns, type KeyForm, keyFormsIn, keyFormsOf, turnCharacters } from "./key-forms.ts";
import { isPicture, maskForms } from "./mask.ts";
import { maskedSecrets, secretMask, secretsIn } from "./secrets.ts";

/** The result of masking a value. */
export interface Masking {
  /** The value without its keys. */
  value: Json;
  /** How many keys and secrets were masked. */
  count: number;
  /** Texts that look like keys and are part of a picture: they stay as they are. */
  spared: Set<string>;
}

/** Looking at a member costs at least as much as looking at so many characters. */
const charactersAMember = 16;

/** Characters of a text that are searched for secrets: an event keeps fewer of any. */
const maxSearched = 16 * 1024;

/**
 * Masks every key in a value, also in names of members, and every secret, such as the password of a door, and changes the value itself. Other requests have their turns
 * meanwhile.
 */
export async function maskValue(root: Json): Promise<Masking> {
  const texts = new Texts();
  const turns = new CharacterTurns();
  const holder = [root];
  const open: Branch[] = [new List(holder)];
  for (let branch = open.at(-1); branch !== undefined; branch = open.at(-1)) {
    const child = texts.withoutSecret(branch, branch.next());
    const ended = child === undefined ? open.pop() : undefined;
    const masking = typeof child === "string" ? texts.maskIn(branch, child) : ended?.finish(texts);
    // Waits only if a text needs it: an await costs more than looking at a short text.
    if (masking !== undefined) await masking;
    if (typeof child === "object" && child !== null) open.push(branchOf(child));
    const characters = typeof child === "string" ? child.length : 0;
    if (turns.areOver(characters + branch.nameLength + charactersAMember)) await turns.next();
  }
  return { value: holder[0] ?? null, count: texts.count, spared: texts.spared };
}

/** Masks texts, and counts the masked keys. */
class Texts {
  count = 0;
  readonly spared = new Set<string>();

  /** Masks the text that the branch gave last. */
  maskIn(branch: Branch, text: string): Promise<void> | undefined {
    if (text.length > turnCharacters) return this.#maskLong(text).then((kept) => branch.put(kept));
    const kept = this.#mask(text);
    if (kept !== text) branch.put(kept);
    return undefined;
  }

  /** The member that the branch gave last. If it is a secret that says something, it is masked there. A mask is none. */
  withoutSecret(branch: Branch, child: Json | undefined): Json | undefined {
    if (!branch.isSecret || child === undefined || child === null || child === "" || child === secretMask) return child;
    this.count += 1;
    branch.put(secretMask);
    return secretMask;
  }

  async masked(text: string): Promise<string> {
    return text.length > turnCharacters ? this.#maskLong(text) : this.#mask(text);
  }

  #mask(sent: string): string {
    const text = this.#withoutSecrets(sent);
    const found = keyFormsIn(text);
    if (found.length === 0) return text;
    return maskForms(text, this.#note(found, isPicture(text)), { from: 0, to: text.length });
  }

  #withoutSecrets(sent: string): string {
    const secrets = secretsIn(sent.length > maxSearched ? sent.slice(0, maxSearched) : sent);
    this.count += secrets.length;
    return secrets.length === 0 ? sent : maskedSecrets(sent, secrets);
  }

  async #maskLong(sent: string): Promise<string> {
    const text = this.#withoutSecrets(sent);
    let kept = "";
    let isOfPicture: boolean | undefined;
    let done = 0;
    for await (const found of keyFormsOf(text)) {
      isOfPicture ??= isPicture(text);
      const forms = this.#note(found, isOfPicture);
      const to = forms.at(-1)?.to ?? done;
      kept += maskForms(text, forms, { from: done, to });
      done = to;
    }
    return done === 0 ? text : kept + text.slice(done);
  }

  /** The key forms that must be masked: none if the text is a picture. */
  #note(forms: readonly KeyForm[], isOfPicture: boolean): readonly KeyForm[] {
    if (!isOfPicture) {
      this.count += forms.length;
      return forms;
    }
    for (const { key } of forms) this.spared.add(key);
    return [];
  }
}

/** A list or an object. Gives its members in order. */
interface Branch {
  /** The next member; undefined after the last one. */
  next(): Json | undefined;
  /** Replaces the member that was given last. */
  put(value: string): void;
  /** Characters in the name of the member that was given last. */
  readonly nameLength: number;
  /** Whether its name says that it is a secret. */
  readonly isSecret: boolean;
  finish(texts: Texts): Promise<void> | undefined;
}

function branchOf(value: Json[] | JsonObject): Branch {
  return Array.isArray(value) ? new List(value) : new Members(value);
}

class List implements Branch {
  readonly nameLength = 0;
  readonly isSecret = false;
  readonly #list: Json[];
  #at = -1;

  constructor(list: Json[]) {
    this.#list = list;
  }

  next(): Json | undefined {
    this.#at += 1;
    return this.#list[this.#at];
  }

  put(value: string): void {
    this.#list[this.#at] = value;
  }

  finish(): undefined {}
}

class Members implements Branch {
  readonly #object: JsonObject;
  readonly #names: readonly string[];
  #at = 0;
  #name = "";

  constructor(object: JsonObject) {
    this.#object = object;
    this.#names = Object.keys(object);
  }

  next(): Json | undefined {
    const name = this.#names[this.#at];
    if (name === undefined) return undefined;
    this.#at += 1;
    this.#name = name;
    return this.#object[name];
  }

  put(value: string): void {
    define(this.#object, this.#name, value);
  }

  get isSecret(): boolean {
    return isSecretName(this.#name);
  }

  get nameLength(): number {
    return this.#name.length;
  }

  finish(texts: Texts): Promise<void> | undefined {
    const isKeyless = (name: string) => name.length <= turnCharacters && keyFormsIn(name).length === 0;
    return this.#names.every(isKeyless) ? undefined : this.#maskNames(texts);
  }

  /** Masks names of members. If a name contains a key, all members are defined again, so that they keep their order. */
  async #maskNames(texts: Texts): Promise<void> {
    for (const [name, value] of Object.entries(this.#object)) {
      delete this.#object[name];
      define(this.#object, await texts.masked(name), value);
    }
  }
}

/** Defines a member. Its name may be `__proto__`, which an assignment would not define. */
function define(object: JsonObject, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
