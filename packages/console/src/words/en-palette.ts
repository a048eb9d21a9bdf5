/** The words of the palette. */
export const enPalette = {
  title: "Find anything",
  label: "Find a person, box, page or time",
  placeholder: "Person, box, page, 14:05, yesterday 8:30",
  found: "Found",
  groups: { people: "People", go: "Go to", boxes: "Boxes", views: "Views", do: "Do", events: "Events" },
  choose: "choose",
  open: "open",
  passings: "their passings",
  nothing: (text: string) => `Nothing is called “${text}”. Press Enter to search the events.`,
  search: (text: string) => `Search the events for “${text}”`,
  eventsAt: (when: string) => `Events, ${when}`,
  event: "Event with this id",
  liveList: "Live as a list",
  print: "Print this page",
  goOn: "Continue",
  /** Names by which a page or an act is found as well: in another language, or before it was renamed. */
  otherNames: { events: ["Passings"], theme: ["Dark", "Light"], language: ["Chinese"] } as Record<
    string,
    readonly string[]
  >,
};

export type PaletteWords = typeof enPalette;
