/** Why a report is in quarantine: a title, what happened, and what to do. */
type Reason = readonly [title: string, what: string, todo: string];

/** The words for reasons of quarantine, in English. */
export const enReasons = {
  reasons: {
    "empty-body": [
      "Empty",
      "Nothing came with the request.",
      "A test button of the box does this; else look for a proxy that drops bodies.",
    ],
    "empty-list": ["Empty list", "A batch without a report in it.", "Nothing to do."],
    "empty-form": ["Empty form", "A form without a field.", "Look at what sends it."],
    "not-json": [
      "Not JSON",
      "It could not be read, not even with tolerance.",
      "Look at the line and at limits of a proxy between.",
    ],
    "unknown-charset": [
      "Unreadable letters",
      "Neither UTF-8, UTF-16 nor GBK.",
      "Download it, and tell who made the sender.",
    ],
    charset: [
      "Unreadable letters",
      "Its letters were changed on the way.",
      "Download it, and tell who made the sender.",
    ],
    "torn-form": ["Torn form", "The form has no end; part of it never came.", "Look at the line."],
    "unpacks-too-large": [
      "Too large unpacked",
      "Over 64 MB when unpacked.",
      "Send fewer in a batch, or turn a picture off.",
    ],
    "packed-too-densely": ["Compressed too much", "It unpacks to over 200 times its size.", "Look at what sends it."],
    "too-many-reports": [
      "Too many at once",
      "A batch that does not replay by itself: over 1,000,000 reports, or most of them give no event.",
      "Look at what sends it; replay it if you want it.",
    ],
    "too-many-fields": ["Too many fields", "A form of over 20,000 fields.", "Look at what sends it."],
    "too-many-values": [
      "Too many values",
      "Over 20,000 values in one report, or 1,000,000 in one body.",
      "Look at what sends it.",
    ],
    "nested-too-deep": ["Nested too deep", "Over 32 levels.", "No box does this; look at what sends it."],
    "not-an-object": ["Not a report", "JSON, but only a number, a text or a list of those.", "Look at what sends it."],
    "unknown-shape": [
      "No report that anyone knows",
      "JSON, but none of the forms that boxes send.",
      "Keep it; replay after an upgrade.",
    ],
    picture: [
      "A picture could not be read",
      "The event is stored; one of its pictures is broken.",
      "Replay after an upgrade; if many, look at the camera.",
    ],
    cut: ["A text was too long", "The event is stored; what did not fit is whole here.", "Nothing to do."],
    "event-broken": [
      "Its event cannot be read",
      "The event that it belongs to is stored in a way that this version cannot read.",
      "The log names the row. Mend it, then replay; or erase the event, and this goes with it.",
    ],
    "batch-too-long": [
      "A long batch",
      "Too long to be stored before its answer. It replays by itself, after the live reports of its box.",
      "Nothing to do.",
    ],
    "batch-not-replayed": [
      "A long batch that was not stored",
      "The job that replays a long batch failed or was stopped.",
      "Replay it.",
    ],
    "too-many-unreadable": [
      "Too many not understood",
      "Over 100 reports of one batch could not be kept whole as events.",
      "Keep it; replay after an upgrade.",
    ],
    "unclear-notice": [
      "Box status, and more",
      "{}, with more in it than that status has.",
      "Keep it; replay after an upgrade.",
    ],
    unwrapped: [
      "Something beside the report",
      "The event is stored; what was beside it in its wrapping is kept here.",
      "Nothing to do.",
    ],
    trailing: [
      "Something after the report",
      "What came behind the report could not be read.",
      "Look at what sends it.",
    ],
    "duplicate-keys": [
      "A field sent twice",
      "The events are stored with the last value; the first one is here.",
      "Look at what sends it.",
    ],
    part: [
      "A part not in the event",
      "The event is stored; a part of the form is not in it, and is here.",
      "Keep it; replay after an upgrade.",
    ],
    "notice-too-large": [
      "A notice too large",
      "{}, over 256 KB: it tells of no passing.",
      "Nothing is lost but that state.",
    ],
    notice: [
      "A notice kept as it came",
      "{}: it tells of no passing, and nothing here keeps the health of boxes.",
      "Nothing to do.",
    ],
  } as Record<string, Reason>,
  otherReason: ["Not understood", "The server says “{}”.", "Keep it; replay after an upgrade."] as Reason,
  notices: {
    status: "box status",
    "device-status": "device status",
    "device-sync": "device list",
    "platform-device-status": "platform's device status",
    "mq-result": "result of a command",
  } as Record<string, string>,
};
