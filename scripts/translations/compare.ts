import { otherPage, type Section, type Skeleton, sectionsOf, skeletonOf } from "./page.ts";
import { stampsIn, stampsOf } from "./stamps.ts";

type Read = (path: string) => string;

/**
 * The errors of the Chinese page of an English one: its missing parts, its additional parts, and its sections that are
 * older than the English ones. Each says what to do.
 *
 * @param english the path of the English page from the root, as `docs/bus.md`
 * @param read gives the text of a page by its path from the root
 */
export function differences(english: string, read: Read): string[] {
  const chinese = otherPage(english);
  const [here, there] = [sectionsOf(read(english)), sectionsOf(read(chinese))];
  const levels = (sections: readonly Section[]) => sections.map(({ level }) => "#".repeat(level)).join(" ");
  if (levels(here) !== levels(there))
    return [`${chinese} has other headings than ${english}: ${levels(there)} and not ${levels(here)}`];
  const unlike = here.flatMap((section, at) => {
    const counterpart = there[at];
    if (counterpart === undefined) return [];
    const wanted = skeletonOf(english, section, read);
    const given = skeletonOf(chinese, counterpart, read);
    return lacks(wanted, given).map((what) => `${chinese}, “${counterpart.heading}”: ${what}`);
  });
  return [...unlike, ...older(english, read)];
}

const hasChinese = (text: string) => /\p{Script=Han}/u.test(text);

/**
 * The differences between the languages of one section. A Chinese text may have more numbers, because it counts "a
 * minute".
 */
function lacks(wanted: Skeleton, given: Skeleton): string[] {
  const same = (what: string, one: string, other: string) => (one === other ? [] : [`${what}: ${other} for ${one}`]);
  return [
    ...otherCode(wanted.code, given.code),
    ...same("other tables", wanted.tables.join(" "), given.tables.join(" ")),
    ...same("other lists", String(wanted.listItems), String(given.listItems)),
    ...otherTokens(wanted.tokens, given.tokens),
    ...listed("lacks the number", without(wanted.numbers, given.numbers)),
    ...listed("lacks the link", without(wanted.links, given.links)),
    ...listed("has another link", without(given.links, wanted.links)),
  ];
}

function without(these: Iterable<string>, those: Iterable<string>): string[] {
  const others = new Set(those);
  return [...these].filter((one) => !others.has(one));
}

function listed(what: string, these: readonly string[]): string[] {
  return these.length === 0 ? [] : [`${what} ${these.map((one) => JSON.stringify(one)).join(", ")}`];
}

/** A line may differ if it has Chinese words, as in a text that is sent. */
function otherCode(wanted: readonly string[], given: readonly string[]): string[] {
  if (wanted.length !== given.length) return [`has ${given.length} lines of code for ${wanted.length}`];
  return listed(
    "has other code",
    given.filter((line, at) => line !== wanted[at] && !hasChinese(line)),
  );
}

/** Text in backticks may have Chinese words as a placeholder for a name. */
function otherTokens(wanted: ReadonlySet<string>, given: ReadonlySet<string>): string[] {
  const besides = without(given, wanted);
  const missing = without(wanted, given);
  const names = besides.filter(hasChinese).length;
  return [
    ...listed("lacks", missing.length > names ? missing : []),
    ...listed(
      "has besides",
      besides.filter((one) => !hasChinese(one)),
    ),
  ];
}

/** The sections of an English page that were changed after the Chinese ones were written. */
function older(english: string, read: Read): string[] {
  const chinese = otherPage(english);
  const known = stampsIn(read(chinese));
  return stampsOf(read(english))
    .filter((stamp) => !known.includes(stamp))
    .map(
      (stamp) =>
        `${chinese} is older than “${stamp.slice(11)}” of ${english}: bring it up to date, then npm run translated -- ${english}`,
    );
}
