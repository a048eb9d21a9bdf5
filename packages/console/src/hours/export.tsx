import { FileExport } from "../parts/pages/file-export.tsx";
import type { SheetQuery } from "../state/hours/sheet.ts";
import { hoursWords } from "../words/hours.ts";

const formats = ["xlsx", "csv"] as const;

/** Exports the days of the sheet with their corrections. */
export function Export({ asked, isEmpty }: { asked: SheetQuery; isEmpty: boolean }) {
  const w = hoursWords.value;
  const { site, from, to, group, only } = asked;
  const filter = {
    site,
    from,
    to,
    ...(group === null ? {} : { group }),
    ...(only.length === 0 ? {} : { only: [...only] }),
  };
  const choices = formats.map((format) => ({
    text: w.formats[format],
    wish: { kind: "export", what: "hours", format, filter } as const,
  }));
  const list = JSON.stringify(asked);
  return <FileExport name="hours export" list={list} label={w.export} isEmpty={isEmpty} choices={choices} />;
}
