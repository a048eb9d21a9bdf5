/** Limits of one report, and of its stored part. docs/architecture.md#limits. */
export const limits = {
  /** Levels of arrays and objects inside one report. */
  nesting: 32,
  /** Members and elements inside one report, pictures being one each. */
  values: 20_000,
  /** Bytes of one picture after decoding. */
  pictureBytes: 5 * 1024 * 1024,
  /** Bytes of UTF-8 of one text; the rest is cut off and the report kept whole in quarantine. */
  textBytes: 8 * 1024,
  /** Bytes of JSON of one report without its pictures: five of them stay under the 400 KB of an index item. */
  reportBytes: 72 * 1024,
  /** Bytes of JSON of a box status, which is kept as it was sent: many times a full list of devices. */
  boxStatusBytes: 256 * 1024,
  /** The limits of one box in quarantine. Beyond them, the shape with most records gives up some. */
  quarantineOfBox: { records: 1000, bytes: 256 * 1024 * 1024 },
  /** Rests of long batches of one box that may wait for their jobs. With more, the box must send again later. */
  waitingBatchesOfBox: 20,
  /**
   * Devices of one box that are watched and listed: a box that names a new device in each report must not fill a store.
   */
  devicesOfBox: 200,
  /** Devices in the list of all devices, which has no pages. */
  devicesListed: 10_000,
  /** Characters of a subscriber's note, of four bytes at most each, so that an item of the index stays small. */
  noteCharacters: 2048,
  /** Changes of an action's state that are kept: the first and the last; and characters of the reason of each. */
  actionHistory: { changes: 8, reasonCharacters: 200 },
} as const;
