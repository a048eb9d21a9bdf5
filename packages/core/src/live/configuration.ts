import { isObject, jsonIn, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import { faultInWords } from "../errors/fault-words.ts";
import { explain } from "../lists/parameters.ts";

const flag = z.boolean("must be true or false").default(false);
const ids = z.array(z.string().max(256), "must be a list of ids").max(1000).default([]);
const text = z.string().min(1).max(256);

/** Our extensions of the protocol of a box. */
const extensions = {
  /** Begin after this event, or at this cursor of a message. */
  since: z.string().min(1).max(1024).optional(),
  types: z.array(z.enum(personTypes)).optional(),
  boxes: z.array(text.normalize()).max(1000).optional(),
  /** Send links to the pictures. */
  picture_urls: flag,
  /** Send an event again when a later report joins it. */
  updates: flag,
  /** Send events in the form of the API, and the messages that a page needs. */
  form: z.literal("event", "must be event, or be left out").optional(),
  /** Send the counts that a page shows on every view. */
  counts: flag,
  /** Send acknowledgements, and those that were taken back, in place of `seen`; and the ids of events that got a note. */
  acknowledgements: flag,
  /** Tell when one of these evacuation lists has changed. */
  rolls: z.array(z.string().max(64), "must be a list of ids").max(20).default([]),
};

/** The configuration of an SE5: V2R6 to V5R7, and V6. docs/formats.md §2 (g). */
const v5 = z.object({ need_face: flag, need_register: flag, event_list: ids, ...extensions });
const v6 = z.object({ with_face_image: flag, with_register_image: flag, media_device_ids: ids, ...extensions });
const namesOfV6 = ["with_face_image", "with_register_image", "media_device_ids"];

/** The form that events are sent in. */
export interface LiveForm {
  /** As an SE5 of V5 or V6 sends them, or the event of the API. */
  version: 5 | 6 | "event";
  face: boolean;
  registered: boolean;
  pictureUrls: boolean;
  updates: boolean;
}

/** The configuration that a client of the live feed sent. */
export interface LiveConfiguration {
  form: LiveForm;
  /** Ids of devices; `*` means every device, and an empty list none. */
  devices: ReadonlySet<string>;
  types: ReadonlySet<string> | null;
  boxes: ReadonlySet<string> | null;
  since: string | null;
  /** Whether it gets counts. */
  counts: boolean;
  /** Whether it gets acknowledgements. */
  acknowledgements: boolean;
  /** The ids of evacuation lists that it follows. */
  rolls: ReadonlySet<string>;
}

/** The same configuration, narrowed to the boxes that the key of its client sees; null if the key sees every box. */
export function limitedTo(seen: readonly string[] | null, configuration: LiveConfiguration): LiveConfiguration {
  if (seen === null) return configuration;
  const { boxes } = configuration;
  return { ...configuration, boxes: new Set(seen.filter((box) => boxes?.has(box) ?? true)) };
}

/** Reads a configuration. Its names tell the version. */
export function readConfiguration(message: string): LiveConfiguration | { error: string } {
  const sent = jsonIn(message);
  if (!isObject(sent)) return { error: 'send a JSON object, as {"need_face":false,"event_list":["*"]}' };
  return namesOfV6.some((name) => name in sent) ? readV6(sent) : readV5(sent);
}

function readV5(sent: unknown): LiveConfiguration | { error: string } {
  const read = v5.safeParse(sent, { error: faultInWords });
  if (!read.success) return { error: explain(read.error) };
  const { need_face, need_register, event_list, ...rest } = read.data;
  return configurationOf({ version: 5, face: need_face, registered: need_register }, event_list, rest);
}

function readV6(sent: unknown): LiveConfiguration | { error: string } {
  const read = v6.safeParse(sent, { error: faultInWords });
  if (!read.success) return { error: explain(read.error) };
  const { with_face_image, with_register_image, media_device_ids, ...rest } = read.data;
  return configurationOf(
    { version: 6, face: with_face_image, registered: with_register_image },
    media_device_ids,
    rest,
  );
}

function configurationOf(
  form: Pick<LiveForm, "version" | "face" | "registered">,
  devices: readonly string[],
  { since, types, boxes, picture_urls, updates, form: asked, ...wanted }: z.output<z.ZodObject<typeof extensions>>,
): LiveConfiguration {
  return {
    form:
      asked === undefined
        ? { ...form, pictureUrls: picture_urls, updates }
        : { version: asked, face: false, registered: false, pictureUrls: false, updates },
    devices: new Set(devices),
    types: types === undefined ? null : new Set(types),
    boxes: boxes === undefined ? null : new Set(boxes),
    since: since ?? null,
    counts: wanted.counts,
    acknowledgements: wanted.acknowledgements,
    rolls: new Set(wanted.rolls),
  };
}
