import { posix } from "node:path";
import { anchorOf, otherPage, sectionsOf } from "./page.ts";

type Read = (path: string) => string | null;

/**
 * A Chinese page whose links to English pages lead to the Chinese ones, if these exist, and to the same heading.
 *
 * @param path of the Chinese page from the root
 * @param read gives the text of a page by its path from the root, null if there is none
 */
export function relinked(path: string, read: Read): string {
  const text = read(path) ?? "";
  return text.replaceAll(
    /\]\(([^)\s:]+?\.md)?(?:#([^)\s]+))?\)/g,
    (whole, file: string | undefined, anchor: string | undefined) => {
      const english = file === undefined ? otherPage(path) : posix.normalize(posix.join(posix.dirname(path), file));
      const isOther = file !== undefined && english === otherPage(path);
      const heading = isOther ? null : headingIn(english, anchor, read);
      return heading === null ? whole : `](${file === undefined ? "" : otherPage(file)}${heading})`;
    },
  );
}

/** The place of that heading in the Chinese page of an English one: "#…", "" for no heading, null if there is none. */
function headingIn(english: string, anchor: string | undefined, read: Read): string | null {
  const chinese = english.endsWith(".zh-CN.md") ? null : read(otherPage(english));
  if (chinese === null || anchor === undefined) return chinese === null ? null : "";
  const at = sectionsOf(read(english) ?? "").findIndex(({ heading }) => anchorOf(heading) === anchor);
  const heading = sectionsOf(chinese)[at]?.heading;
  return heading === undefined ? null : `#${anchorOf(heading)}`;
}
