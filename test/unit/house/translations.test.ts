import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { differences } from "../../../scripts/translations/compare.ts";
import { otherPage } from "../../../scripts/translations/page.ts";
import { stamped } from "../../../scripts/translations/stamps.ts";
import { filesOf, root, textOf } from "./sources.ts";

const pages = filesOf("README*.md", "docs/**/*.md");
const english = pages.filter((path) => !path.endsWith(".zh-CN.md"));

/** Pages that are in English alone, and why. None is added here. */
const onlyEnglish: readonly string[] = [
  // Collected from the vendor's documents, which are in Chinese: who reads Chinese has them, and each table names its one.
  "docs/formats.md",
  // Titles of tests and measurements: who checks them reads the tests, which are in English.
  ...filesOf("docs/proof/*.md"),
];

describe("each page is there in English and in Chinese, and says the same", () => {
  it.each(pages)("%s has the other language", (path) => {
    expect(existsSync(`${root}${otherPage(path)}`)).toBe(!onlyEnglish.includes(path));
  });

  it.each(english.filter((path) => !onlyEnglish.includes(path)))("%s", (path) => {
    expect(differences(path, textOf)).toEqual([]);
  });

  it.each(pages.filter((path) => !onlyEnglish.includes(path)))("%s leads to the other language", (path) => {
    const [, name = ""] = /([^/]+)$/.exec(otherPage(path)) ?? [];
    expect(textOf(path).split("\n").slice(0, 20).join("\n")).toContain(`](${name})`);
  });

  it.each(pages.filter((path) => path.endsWith(".zh-CN.md")))("%s links to Chinese pages if they exist", (path) => {
    const links = [...textOf(path).matchAll(/\]\(([\w./-]+\.md)(?:#[^)]*)?\)/g)].map(([, link = ""]) => link);
    const own = otherPage(path).split("/").at(-1);
    const others = links.filter((link) => !link.endsWith(".zh-CN.md") && link !== own);
    const translated = others.filter((link) => existsSync(new URL(otherPage(link), `file://${root}${path}`)));
    expect(translated).toEqual([]);
  });

  it.each(["docs/README.md", "docs/README.zh-CN.md"])("%s lists every page of its language, once", (index) => {
    const isChinese = index.endsWith(".zh-CN.md");
    const listed = [...textOf(index).matchAll(/^\| \[[^\]]+\]\(([^)]+)\)/gm)].map(([, link = ""]) => `docs/${link}`);
    const wanted = pages.filter((path) => path.startsWith("docs/") && path !== index && path !== otherPage(index));
    const language = wanted.filter((path) => path.endsWith(".zh-CN.md") === isChinese);
    const besides = isChinese ? onlyEnglish : [];
    expect(listed.toSorted()).toEqual([...language, ...besides].toSorted());
  });
});

describe("a Chinese page is found that", () => {
  const page = `# Doors

中文：[门](doors.zh-CN.md)

Open \`gate-1\` within 5 s, see [rooms](rooms.md#large).

\`\`\`sh
gatepost open gate-1   # at once
\`\`\`

## Locks

| lock | key |
|---|---|
| 1 | 2 |

- one
`;
  const right = `# 门

English: [Doors](doors.md)

在 5 秒内打开 \`gate-1\`，见[房间](rooms.zh-CN.md#大)。

\`\`\`sh
gatepost open gate-1   # 立即
\`\`\`

## 锁

| 锁 | 钥匙 |
|---|---|
| 1 | 2 |

- 一
`;
  const rooms = { "docs/rooms.md": "# Rooms\n## Small\n## Large", "docs/rooms.zh-CN.md": "# 房间\n## 小\n## 大" };
  const found = (chinese: string, now = page) => {
    const texts: Record<string, string> = {
      ...rooms,
      "docs/doors.md": now,
      "docs/doors.zh-CN.md": stamped(chinese, page),
    };
    return differences("docs/doors.md", (path) => texts[path] ?? "");
  };

  it("is as it should be, and is left alone", () => {
    expect(found(right)).toEqual([]);
  });

  it.each([
    ["lacks a heading", "## 锁\n", ""],
    ["has another command", "open gate-1   #", "open gate-2   #"],
    ["lacks a row", "| 1 | 2 |\n", ""],
    ["lacks a column", "|---|---|", "|---|"],
    ["lacks an item of a list", "- 一\n", ""],
    ["has another name in backticks", "打开 `gate-1`", "打开 `gate-2`"],
    ["has another number", "5 秒", "6 秒"],
    ["leads to another heading", "#大", "#小"],
    ["leads nowhere", "[房间](rooms.zh-CN.md#大)", "房间"],
  ])("%s", (_, from, to) => {
    expect(right).toContain(from);
    expect(found(right.replace(from, to)).length).toBeGreaterThan(0);
  });

  it("was written before the English words were changed", () => {
    expect(found(right, page.replace("- one", "- none"))).toEqual([
      "docs/doors.zh-CN.md is older than “Locks” of docs/doors.md: bring it up to date, then npm run translated -- docs/doors.md",
    ]);
  });

  it("does not say from what it was written", () => {
    expect(differences("docs/doors.md", (path) => (path.endsWith("zh-CN.md") ? right : page)).join()).toContain(
      "older",
    );
  });
});
