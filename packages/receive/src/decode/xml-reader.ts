import type { Json } from "@gatepost/protocol";

/** A body is XML, and its reader is not loaded yet. Load it with `loadXml`, and read the body again. */
export class XmlNeeded extends Error {}

type XmlReader = (text: string) => Json | undefined;

let reader: XmlReader | null = null;

/** Loads the reader of XML. Hardly any body needs it. */
export async function loadXml(): Promise<void> {
  reader ??= (await import("./xml.ts")).readXml;
}

/**
 * The value of a text that is XML; undefined for any other text, and for XML beyond its limits. Throws XmlNeeded before
 * \`loadXml\`.
 */
export function readXml(text: string): Json | undefined {
  if (!/^\s{0,32}</.test(text.slice(0, 64))) return undefined;
  if (reader === null) throw new XmlNeeded("the reader of XML is not loaded");
  return reader(text);
}
