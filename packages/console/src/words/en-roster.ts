import { enNumber as number, plural } from "./number.ts";

/** The words of the roster, in English. They are loaded with the page. */
export const enRoster = {
  gridOf: (month: string) => `Roster of ${month}`,
  free: "free",
  asGroup: "as the group",
  shiftOf: (name: string, start: string, end: string) => `${name} ${start}–${end}`,
  removed: (id: string) => `removed schedule ${id}`,
  notSaved: "not saved",
  keys: "Keys: a number plans the selected days, 0 is free, Delete as the group. Shift and arrows select. Paste from a spreadsheet; Ctrl Z undoes.",
  noShifts: "Make a schedule first: days of the roster have one.",
  nobody: "No one passed in these days",
  nobodyWhy: "People stand here once they have passed, or are in a file that you read in.",
  closed: "This month is closed: its roster stays as it is.",
  partOfSite:
    "The boxes of this site share their people, and you see some of the boxes. Managers of the whole site plan the roster.",
  file: "File",
  save: "Save as CSV",
  read: "Read a CSV…",
  readIn: (n: number) => `${plural(n, "day", "days")} changed. Look, then save.`,
  notRead: "This is no roster: the first line must name id, and days such as 2026-11-02.",
  otherMonth: (month: string) => `The first line has no day of ${month}.`,
  unclear: "Day and month in the first line can be read in two ways: write days such as 2026-11-02.",
  twice: "The first line has a day twice.",
  leftOut: (n: number, month: string, titles: string) =>
    `${plural(n, "column is", "columns are")} no day of ${month} and left out: ${titles}. `,
  tooLarge: "The file may have 4 MB.",
  pasted: (n: number) => `${plural(n, "day", "days")} pasted`,
  notUnderstood: (n: number, text: string) => `${plural(n, "cell was", "cells were")} not understood: ${text}`,
  notHere: (n: number, text: string) =>
    `${plural(n, "line is", "lines are")} of no library here, or of several: ${text}`,
  contradict: (ids: string) =>
    `Two lines of one person have different schedules on a day, so nothing is read in: ${ids}`,
  saveDays: (n: number) => (n === 0 ? "Saved" : `Save ${plural(n, "day", "days")}`),
  undo: "Undo",
  nothingToUndo: "Nothing to undo",
  drop: "Drop",
  saved: (n: number) => `${plural(n, "day", "days")} saved`,
  savedUnknown: (n: number, unknown: number, ids: string) =>
    `${plural(n, "day", "days")} saved. ${number(unknown)} of these people have not passed yet: ${ids}`,
  changedMeanwhile:
    "Someone else changed this roster. It is read again, and your changes are kept as far as they fit: look, then save.",
};
