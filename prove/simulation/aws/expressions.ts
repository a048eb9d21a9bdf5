import type { AttributeValue } from "@aws-sdk/client-dynamodb";

/*
 * DynamoDB's expressions, as far as the product uses them. An unknown expression throws, so that a new expression is
 * noticed and not passed over.
 */

export type Row = Record<string, AttributeValue>;

/** The names and values that an expression refers to. */
export interface Bindings {
  names?: Record<string, string> | undefined;
  values?: Record<string, AttributeValue> | undefined;
}

type Test = (row: Row, bindings: Bindings) => boolean;
type Operand = (row: Row, bindings: Bindings) => AttributeValue | undefined;
type Change = (row: Row, before: Row, bindings: Bindings) => void;

const tests = new Map<string, Test>();
const changes = new Map<string, Change[]>();

export function meets(condition: string | undefined, row: Row, bindings: Bindings): boolean {
  if (condition === undefined) return true;
  const known = tests.get(condition) ?? new Parser(condition).wholeCondition();
  tests.set(condition, known);
  return known(row, bindings);
}

/** The row after an update. */
export function updated(expression: string, before: Row, bindings: Bindings): Row {
  const known = changes.get(expression) ?? new Parser(expression).wholeUpdate();
  changes.set(expression, known);
  const row = { ...before };
  for (const change of known) change(row, before, bindings);
  return row;
}

const tokens = /\s*(<>|<=|>=|[#:]?\w+|[(),=<>])/y;

function tokensOf(text: string): string[] {
  const found: string[] = [];
  tokens.lastIndex = 0;
  while (tokens.lastIndex < text.trimEnd().length) {
    const token = tokens.exec(text)?.[1];
    if (token === undefined) throw new Error(`not an expression that is known here: ${text}`);
    found.push(token);
  }
  return found;
}

class Parser {
  readonly #text: string;
  readonly #tokens: string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  wholeCondition(): Test {
    const test = this.#or();
    if (this.#peek() !== undefined) throw this.#unknown();
    return test;
  }

  wholeUpdate(): Change[] {
    const found: Change[] = [];
    while (this.#peek() !== undefined) {
      const word = this.#take();
      do found.push(this.#change(word));
      while (this.#isNext(","));
    }
    return found;
  }

  #or(): Test {
    const parts = [this.#and()];
    while (this.#isNext("OR")) parts.push(this.#and());
    return parts.length === 1 ? first(parts) : (row, bindings) => parts.some((test) => test(row, bindings));
  }

  #and(): Test {
    const parts = [this.#one()];
    while (this.#isNext("AND")) parts.push(this.#one());
    return parts.length === 1 ? first(parts) : (row, bindings) => parts.every((test) => test(row, bindings));
  }

  #one(): Test {
    if (this.#isNext("NOT")) {
      const test = this.#one();
      return (row, bindings) => !test(row, bindings);
    }
    if (this.#isNext("(")) {
      const test = this.#or();
      this.#expect(")");
      return test;
    }
    const word = this.#peek();
    if (word === "attribute_exists" || word === "attribute_not_exists") {
      this.#take();
      const of = this.#inBrackets();
      return (row, bindings) => (of(row, bindings) !== undefined) === (word === "attribute_exists");
    }
    if (word === "begins_with") {
      this.#take();
      const [of, by] = this.#pairInBrackets();
      return (row, bindings) => of(row, bindings)?.S?.startsWith(by(row, bindings)?.S ?? "") === true;
    }
    return this.#comparison();
  }

  #comparison(): Test {
    const left = this.#operand();
    const sign = this.#take();
    const right = this.#operand();
    return (row, bindings) => compared(left(row, bindings), right(row, bindings), sign);
  }

  #change(word: string): Change {
    const name = this.#take();
    const at = ({ names = {} }: Bindings) => names[name] ?? name;
    if (word === "REMOVE") return (row, _, bindings) => void Reflect.deleteProperty(row, at(bindings));
    if (word === "ADD") {
      const by = this.#operand();
      return (row, before, bindings) => {
        row[at(bindings)] = sum(before[at(bindings)], by(before, bindings));
      };
    }
    if (word !== "SET") throw this.#unknown();
    this.#expect("=");
    const value = this.#operand();
    return (row, before, bindings) => {
      const set = value(before, bindings);
      if (set === undefined) throw new Error(`${this.#text}: ${name} is set to nothing`);
      row[at(bindings)] = set;
    };
  }

  #operand(): Operand {
    const word = this.#take();
    if (word === "if_not_exists") {
      this.#expect("(");
      const held = this.#operand();
      this.#expect(",");
      const other = this.#operand();
      this.#expect(")");
      return (row, bindings) => held(row, bindings) ?? other(row, bindings);
    }
    if (word.startsWith(":")) {
      return (_, { values = {} }) => {
        if (values[word] === undefined) throw new Error(`${this.#text}: ${word} is not bound`);
        return values[word];
      };
    }
    if (/^#?\w+$/.test(word) && this.#peek() !== "(") return (row, { names = {} }) => row[names[word] ?? word];
    throw this.#unknown();
  }

  #inBrackets(): Operand {
    this.#expect("(");
    const of = this.#operand();
    this.#expect(")");
    return of;
  }

  #pairInBrackets(): [of: Operand, by: Operand] {
    this.#expect("(");
    const of = this.#operand();
    this.#expect(",");
    const by = this.#operand();
    this.#expect(")");
    return [of, by];
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#unknown();
    return token;
  }

  #isNext(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#isNext(token)) throw this.#unknown();
  }

  #unknown(): Error {
    return new Error(`not an expression that is known here: ${this.#text} at ${this.#peek()}`);
  }
}

function first<T>([one]: readonly T[]): T {
  if (one === undefined) throw new Error("a condition has no part");
  return one;
}

/** A value that is missing or of another type is never equal, less or greater; but it is different. */
function compared(a: AttributeValue | undefined, b: AttributeValue | undefined, sign: string): boolean {
  const order = orderOf(a, b);
  if (order === null) return sign === "<>";
  if (sign === "=") return order === 0;
  if (sign === "<>") return order !== 0;
  if (sign === "<") return order < 0;
  if (sign === "<=") return order <= 0;
  if (sign === ">") return order > 0;
  if (sign === ">=") return order >= 0;
  throw new Error(`no comparison that is known here: ${sign}`);
}

function orderOf(a: AttributeValue | undefined, b: AttributeValue | undefined): number | null {
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.S !== undefined && b?.S !== undefined)
    return a.S === b.S ? 0 : Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  return null;
}

function sum(a: AttributeValue | undefined, b: AttributeValue | undefined): AttributeValue {
  for (const one of [a, b]) {
    if (one !== undefined && one.N === undefined) throw new Error("an operand of the expression is no number");
  }
  return { N: String(Number(a?.N ?? 0) + Number(b?.N ?? 0)) };
}
