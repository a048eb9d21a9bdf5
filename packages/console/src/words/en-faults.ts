/** Flags, reasons of quarantine and of failed deliveries, as sentences in English. `{}` is filled in. */
export const enFaults = {
  flags: {
    clock: "The time the box sent cannot be right; the time shown is when the report arrived.",
    ahead: "The clock of the box is ahead: by its time the person passed after the report arrived.",
    denied: "The terminal did not let this person pass.",
    "same-person-twice":
      "The box named two different faces as this person at the same moment; this is the second. One of the two is probably someone else.",
    "unknown-action":
      "The box wants an action that is not known, as new firmware may. It is stored, and nothing else is done.",
    "shape-unknown": "The report had no form that is known; only the person and the time could be read for certain.",
    "tolerant-parse": "The report was not clean JSON and was read with tolerance.",
    "duplicate-keys": "The report named a field twice; the last value was taken.",
    "picture-unreadable:registered": "The registered photo could not be read. The whole report is kept in quarantine.",
    "picture-unreadable:face": "The captured face could not be read. The whole report is kept in quarantine.",
    "picture-unreadable:scene": "The scene could not be read. The whole report is kept in quarantine.",
    "picture-unreadable:infrared": "The infrared picture could not be read. The whole report is kept in quarantine.",
    "second-picture:registered":
      "More than one registered photo came; the first readable one is shown. The whole report is kept in quarantine.",
    "second-picture:face":
      "More than one captured face came; the first readable one is shown. The whole report is kept in quarantine.",
    "second-picture:scene":
      "More than one scene came; the first readable one is shown. The whole report is kept in quarantine.",
    "second-picture:infrared":
      "More than one infrared picture came; the first readable one is shown. The whole report is kept in quarantine.",
    "picture-truncated:registered": "The registered photo has no end: the box sent it so.",
    "picture-truncated:face": "The captured face has no end: the box sent it so.",
    "picture-truncated:scene": "The scene has no end: the box sent it so.",
    "picture-truncated:infrared": "The infrared picture has no end: the box sent it so.",
    unwrapped: "The report was found within what somebody between had wrapped it in.",
    charset: "It is not certain in which letters the report was written, or some were lost: names may be wrong.",
    "picture-lost:registered": "The bytes of the registered photo are lost.",
    "picture-lost:face": "The bytes of the captured face are lost.",
    "picture-lost:scene": "The bytes of the scene are lost.",
    "picture-lost:infrared": "The bytes of the infrared picture are lost.",
    "picture-expired:registered": "The registered photo is no longer kept.",
    "picture-expired:face": "The captured face is no longer kept.",
    "picture-expired:scene": "The scene is no longer kept.",
    "picture-expired:infrared": "The infrared picture is no longer kept.",
  } as Record<string, string>,
  flagsOf: {
    "field-unreadable": "“{}” was of a kind that could not be read; its value is under “everything else the box sent”.",
    "text-cut": "“{}” was too long and is cut here. The whole report is kept in quarantine.",
    "object-cut": "“{}” was too large for an event and is left out here. The whole report is kept in quarantine.",
  } as Record<string, string>,
  clockAhead: "The clock of the box is more than a day ahead; the time shown is when the report arrived.",
  otherFlag: "The server noted “{}”, which this page does not know yet.",
  delivery: {
    answered: (rule: string, status: string) => `${rule} returned ${status}.`,
    noAnswer: (rule: string, seconds: string) => `${rule} did not answer within ${seconds} s.`,
    unreachable: (rule: string) => `${rule} cannot be reached.`,
    removed: "The rule was removed before it was delivered",
    tooLate: "Not sent: the passing was longer ago than the rule takes.",
    held: {
      storm: "Told of together with others: many came at once.",
      quiet: "Told of at the end of the quiet hours.",
      cooldown: "Not told of again: this person was just told of here.",
      muted: "Not told of: somebody muted this person.",
      erased: "Not told of: the event was erased.",
      test: "Not told of: this was a check.",
      "no-check-in": "No check-in: not an admitted passing of a known person.",
      clock: "No check-in: the box did not know the time.",
    } as Record<string, string>,
    private: (rule: string) => `${rule} points into a private network, which it may not.`,
  },
  withheldPoor: "The box calls the picture too poor to register.",
};
