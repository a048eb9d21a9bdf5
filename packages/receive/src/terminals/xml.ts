import { elementText, isObject, type Json, limits } from "@gatepost/protocol";
import XMLParser from "fast-xml-parser/src/xmlparser/XMLParser.js";

/** Characters of a body that is read as XML. Reports of terminals have 2,000. */
const maxCharacters = 64 * 1024;

/** More blanks than between two elements. The parser needs a time that is their square. */
const manyBlanks = /\s{257}/;

/** Elements of a body: a terminal sends fifty. */
const maxElements = 5000;

/** Hardly any body needs a parser, so the first one makes it. */
const parsers = new Map<boolean, XMLParser>();
const makeParser = (withAttributes: boolean) =>
  new XMLParser({
    ignoreAttributes: !withAttributes,
    attributeNamePrefix: "@",
    textNodeName: elementText,
    removeNSPrefix: true,
    ignoreDeclaration: true,
    ignorePiTags: true,
    // Every value is a text, as in a form, so that no zero in front of a number is lost.
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: true,
    // An entity of a document may be gigabytes long. The five of XML itself are replaced here.
    processEntities: false,
  });

/** XML as an object by the names of elements. */
interface ReadXml {
  /** Without attributes, as dialects always had it. */
  value: Json;
  /** With attributes as members, as `@name`. Absent if there are none. */
  withAttributes?(): Json;
}

/** The value of XML without attributes. Undefined if a text is no XML, or beyond the limits. */
export function readXml(sent: string): Json | undefined {
  return xmlIn(sent)?.value;
}

/** The same, with a way to its attributes. */
export function xmlIn(sent: string): ReadXml | undefined {
  if (sent.length > maxCharacters || manyBlanks.test(sent)) return undefined;
  const text = withoutSections(sent);
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text) || !isShallow(text)) return undefined;
  try {
    const value = parsed(text, false);
    if (hasMembers(value)) return { value, ...(text.includes("=") && { withAttributes: () => parsed(text, true) }) };
    // A report may be all in the attributes of its only element.
    const whole = parsed(text, true);
    return hasMembers(whole) ? { value, withAttributes: () => whole } : undefined;
  } catch {
    return undefined;
  }
}

/** Throws if a text is no XML. */
function parsed(text: string, withAttributes: boolean): Json {
  const parser = parsers.get(withAttributes) ?? makeParser(withAttributes);
  parsers.set(withAttributes, parser);
  return withCharacters(parser.parse(text, true));
}

function hasMembers(value: Json): boolean {
  return isObject(value) && Object.values(value).some(isObject);
}

const sectionStart = "<![CDATA[";
const sectionEnd = "]]>";

/** The text with its CDATA sections as usual text: the parser would take the characters in them for entities. */
function withoutSections(text: string): string {
  const [before = "", ...sections] = text.split(sectionStart);
  const plain = sections.map((section) => {
    const end = section.indexOf(sectionEnd);
    return end < 0 ? sectionStart + section : escaped(section.slice(0, end)) + section.slice(end + sectionEnd.length);
  });
  return before + plain.join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Whether a text has few elements, and few of them within each other. The parser itself has no such limits. */
function isShallow(text: string): boolean {
  let [elements, level] = [0, 0];
  for (let at = text.indexOf("<"); at >= 0; at = text.indexOf("<", at + 1)) {
    const next = text.charAt(at + 1);
    if (next === "/") level -= 1;
    else if (next !== "?" && next !== "!") {
      elements += 1;
      level += 1;
      const end = text.indexOf(">", at);
      if (end < 0) return false;
      if (text.charAt(end - 1) === "/") level -= 1;
    }
    if (level > limits.nesting || elements > maxElements) return false;
  }
  return true;
}

const characters: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function withCharacters(value: Json): Json {
  if (Array.isArray(value)) return value.map(withCharacters);
  if (!isObject(value)) return String(value).replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,4}));/gi, characterOf);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withCharacters(inner)]));
}

function characterOf(sent: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return characters[name] ?? sent;
  const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : sent;
}
