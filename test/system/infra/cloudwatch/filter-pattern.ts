/**
 * Whether a JSON pattern of CloudWatch Logs matches a line: comparisons of members with text, `*` for any text in it,
 * `&&`, `||` and brackets (docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html). Throws on any
 * other syntax.
 */
export function matchesPattern(pattern: string, line: string): boolean {
  const inside = /^\{(.*)\}$/s.exec(pattern.trim())?.[1];
  if (inside === undefined) throw new Error(`no pattern for JSON: ${pattern}`);
  const tokens = inside.match(/\(|\)|&&|\|\||\$(?:\.\w+)+|!=|=|"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const rest = [...tokens];
  const isMatched = either(rest, members(line));
  if (rest.length > 0) throw new Error(`${pattern} goes on after its end: ${rest.join(" ")}`);
  return isMatched;
}

type Members = Readonly<Record<string, unknown>> | null;

/** A line that is no JSON matches no pattern. */
function members(line: string): Members {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function either(tokens: string[], line: Members): boolean {
  let isMatched = both(tokens, line);
  while (tokens[0] === "||") {
    tokens.shift();
    isMatched = both(tokens, line) || isMatched;
  }
  return isMatched;
}

function both(tokens: string[], line: Members): boolean {
  let isMatched = one(tokens, line);
  while (tokens[0] === "&&") {
    tokens.shift();
    isMatched = one(tokens, line) && isMatched;
  }
  return isMatched;
}

function one(tokens: string[], line: Members): boolean {
  const first = tokens.shift();
  if (first === "(") {
    const isMatched = either(tokens, line);
    if (tokens.shift() !== ")") throw new Error("a bracket is not closed");
    return isMatched;
  }
  const [operator, text] = tokens.splice(0, 2);
  if (!first?.startsWith("$.") || operator !== "=" || !text?.startsWith('"'))
    throw new Error(`not understood: ${first} ${operator} ${text}`);
  const value = line?.[first.slice(2)];
  return typeof value === "string" && fits(value, JSON.parse(text));
}

function fits(value: string, wanted: string): boolean {
  const parts = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(value);
}
