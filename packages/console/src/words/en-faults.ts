/** Flags, reasons of quarantine and of failed deliveries, as sentences in English. `{}` is filled in. */
export const enFaults = {
  flags: {
    clock: "The time the box sent cannot be right; the time shown is when the report arrived.",
    ahead: "The clock of the box is ahead: by its time the person passed after the report arrived.",
    denied: "The terminal did not let this person pass.",
    "same-person-twice":
      "The box reported this person twice at the same moment: with two faces, or without a face and with other facts, as once in and once out. This is the second report. Of two faces, one is probably someone else's.",
    "unknown-action":
      "The box requests an unknown action, perhaps from new firmware. It is stored, and nothing else happens.",
    "shape-unknown": "The format of the report is unknown. Only the person and the time are certain.",
    "tolerant-parse": "The report was malformed JSON and was read with tolerance.",
    "duplicate-keys": "The report named a field twice; the last value was taken.",
    unwrapped: "The report was wrapped in other data on the way, and was unwrapped.",
    charset: "The text encoding of the report is uncertain: names may be wrong.",
  } as Record<string, string>,
  flagsOf: {
    "field-unreadable": "“{}” has a type that could not be read; its value is under “Other fields the box sent”.",
    "text-cut": "“{}” was too long and is cut here. The whole report is kept in quarantine.",
    "object-cut": "“{}” was too large for an event and is left out here. The whole report is kept in quarantine.",
  } as Record<string, string>,
  flagsOfPictures: {
    "picture-unreadable": "The {} could not be read. The whole report is kept in quarantine.",
    "second-picture":
      "The report has more than one {}; the first readable one is shown. The whole report is kept in quarantine.",
    "picture-truncated": "The {} is cut off: the box sent it this way.",
    "picture-lost": "The {} is lost.",
    "picture-expired": "The {} is no longer kept.",
  } as Record<string, string>,
  clockAhead: "The clock of the box is more than a day ahead; the time shown is when the report arrived.",
  otherFlag: "The server noted “{}”, which this page does not know yet.",
  delivery: {
    answered: (rule: string, status: string) => `${rule} returned ${status}.`,
    noAnswer: (rule: string, seconds: string) => `${rule} did not answer within ${seconds} s.`,
    unreachable: (rule: string) => `${rule} cannot be reached.`,
    removed: "The rule was removed before it was delivered",
    tooLate: "Not sent: the passing is too old for the rule.",
    held: {
      storm: "Sent together with others: many arrived at once.",
      quiet: "Sent at the end of the quiet hours.",
      cooldown: "Not sent again: this person was just reported here.",
      muted: "Not sent: muted.",
      erased: "Not sent: the event was erased.",
      test: "Not sent: this was a test.",
    } as Record<string, string>,
    private: (rule: string) => `${rule} points to a private network, which is not allowed.`,
  },
  withheldPoor: "The box rates the picture as too poor to register.",
};
