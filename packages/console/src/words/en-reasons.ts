/** Why a report is in quarantine: a title, what happened, and what to do. */
type Reason = readonly [title: string, what: string, todo: string];

/** The words for reasons of quarantine, in English. */
export const enReasons = {
  reasons: {
    "empty-body": [
      "Empty",
      "The request was empty.",
      "A test button of the box does this. Otherwise look for a proxy that drops bodies.",
    ],
    "empty-list": ["Empty list", "A batch without a report in it.", "Nothing to do."],
    "empty-form": ["Empty form", "A form without a field.", "Check the sender."],
    "not-json": [
      "Not JSON",
      "It could not be read, even with tolerance.",
      "Check the line, and the limits of any proxy in between.",
    ],
    "picture-alone": [
      "A picture alone",
      "A picture without a report: nothing says who passed, and when.",
      "Set the sender to send the report too, in one form with the picture.",
    ],
    "unknown-charset": [
      "Unreadable text",
      "Neither UTF-8, UTF-16 nor GBK.",
      "Download it and tell the maker of the sender.",
    ],
    charset: ["Unreadable text", "Its text was changed on the way.", "Download it and tell the maker of the sender."],
    "torn-form": ["Torn form", "The form is incomplete.", "Check the line."],
    "unpacks-too-large": [
      "Too large unpacked",
      "Over 64 MB when unpacked.",
      "Send fewer in a batch, or turn a picture off.",
    ],
    "packed-too-densely": ["Compressed too much", "It unpacks to over 200 times its size.", "Check the sender."],
    "too-many-reports": [
      "Too many at once",
      "A batch that does not replay automatically: over 1,000,000 reports, or most of them give no event.",
      "Check the sender. You can replay the batch.",
    ],
    "too-many-fields": ["Too many fields", "A form of over 20,000 fields.", "Check the sender."],
    "too-many-values": [
      "Too many values",
      "Over 20,000 values in one report, or 1,000,000 in one body.",
      "Check the sender.",
    ],
    "nested-too-deep": ["Nested too deep", "Over 32 levels.", "No box does this: check the sender."],
    "not-an-object": ["Not a report", "JSON, but only a number, a text or a list of those.", "Check the sender."],
    "unknown-shape": [
      "Unknown report format",
      "Complete, but not in a format that boxes send.",
      "Teach Gatepost what its values are. Or keep it, and replay it after an upgrade.",
    ],
    picture: [
      "A picture could not be read",
      "The event is stored; one of its pictures is broken.",
      "Replay after an upgrade. If there are many, check the camera.",
    ],
    cut: ["A text was too long", "The event is stored; the full text is here.", "Nothing to do."],
    "event-broken": [
      "Its event cannot be read",
      "This version cannot read the stored event of this report.",
      "The log names the row. Repair it and replay, or erase the event, which also removes this report.",
    ],
    "batch-too-long": [
      "A long batch",
      "Too long to store at once. It replays automatically, after the live reports of its box.",
      "Nothing to do.",
    ],
    "batch-not-replayed": [
      "A long batch that was not stored",
      "The job that replays a long batch failed or was stopped.",
      "Replay it.",
    ],
    "too-many-unreadable": [
      "Too many not understood",
      "Over 100 reports of one batch could not be stored completely as events.",
      "Keep it; replay after an upgrade.",
    ],
    "unclear-notice": [
      "Box status, and more",
      "{}, with additional content.",
      "Teach Gatepost what its values are. Or keep it, and replay it after an upgrade.",
    ],
    unwrapped: ["Data beside the report", "The event is stored; the data beside it is kept here.", "Nothing to do."],
    trailing: ["Data after the report", "The data after the report could not be read.", "Check the sender."],
    "duplicate-keys": [
      "A field sent twice",
      "The events are stored with the last value; the first one is here.",
      "Check the sender.",
    ],
    part: [
      "A part not in the event",
      "The event is stored; one part of the form is only here.",
      "Keep it; replay after an upgrade.",
    ],
    "notice-too-large": ["Notice too large", "{}, over 256 KB. It contains no passing.", "Only this status is lost."],
    notice: [
      "Notice kept as received",
      "{}. It contains no passing, and this server does not keep the health of boxes.",
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
