/** Shortest run of weekdays that is named by its ends. */
const shortestRun = 3;

/** A Monday. */
const monday = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

interface Language {
  locale: string;
  range(from: string, to: string): string;
  comma: string;
}

/**
 * Weekdays, from 1 (Monday) to 7, in words; consecutive ones by their ends.
 *
 * @example weekdaysText([1, 2, 3, 4, 5], …) // "Monday to Friday"
 */
export function weekdaysText(weekdays: readonly number[], { locale, range, comma }: Language): string {
  const format = new Intl.DateTimeFormat(locale, {
    weekday: locale.startsWith("zh") ? "short" : "long",
    timeZone: "UTC",
  });
  const nameOf = (weekday: number) => format.format(monday + (weekday - 1) * dayMs);
  const runs: number[][] = [];
  for (const weekday of [...weekdays].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === weekday - 1) run.push(weekday);
    else runs.push([weekday]);
  }
  return runs
    .flatMap((run) => {
      const names = run.map(nameOf);
      return run.length < shortestRun ? names : [range(names[0] ?? "", names.at(-1) ?? "")];
    })
    .join(comma);
}
