/* The words by which makers name the members of reports. Names are read in words: `PersonUUID` is `person uuid`. */

/** A pattern for names that end with these words. */
export const ends = (pattern: string) => new RegExp(`(?:^| )(?:${pattern})$`);

export const person =
  "person|people|user|employee|emp|staff|worker|member|(?:card ?)?holder|actor|subject|student|visitor|guest|identity";
export const number =
  "(?:id|no|num|number|code|ref|key|uuid|guid|pin|sn|serial(?: ?(?:no|number))?|mac)(?: ?str(?:ing)?)?";

export const personNumbers = `(?:${person}) ?(?:${number})|uid|pin|(?:work|job|emp|user) ?no|gh|badge|${person}`;
export const personNames = `(?:${person}) ?(?:full|display|real|nick)? ?name|(?:full|display|real|nick|first)? ?name|display|xm|xing ?ming|姓名`;
export const cardNumbers = `card(?: ?(?:${number}))?|kh|rfid|tag|badge ?(?:${number})`;

/** The beginnings of some names, in words. */
export function inWords(names: readonly string[]): string {
  return names
    .map((name) => name.slice(0, 64).replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2"))
    .join(" ")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\d]+/gu, " ")
    .trim();
}
