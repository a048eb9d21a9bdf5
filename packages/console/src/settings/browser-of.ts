/** Browsers by the word that only they have in their text, the special ones before the general ones. */
const browsers = [
  [/MicroMessenger/, "WeChat"],
  [/EdgA?\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/(?:Headless)?Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
] as const;

const systems = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux|X11/, "Linux"],
] as const;

/**
 * The browser and the system of a `User-Agent`, in two words; null if neither is known.
 *
 * @example browserOf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) … Chrome/140.0 Safari/537.36") // "Chrome, Windows"
 */
export function browserOf(agent: string | null): string | null {
  const named = (table: typeof browsers | typeof systems) => table.find(([word]) => word.test(agent ?? ""))?.[1];
  return [named(browsers), named(systems)].filter((part) => part !== undefined).join(", ") || null;
}
