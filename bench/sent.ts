/** A request of a box or another client, and what it is an example of. */
export interface Case {
  what: string;
  bodies: readonly Buffer[];
  type: string;
  /** Whether it goes to an address without a key. */
  isStranger?: boolean;
  /** The person's name, if it may get lost. */
  name?: string;
  /** The mapping by which Gatepost is taught its format before. */
  mapping?: object;
}

const json = "application/json";
/** The smallest JPEG there is: a start and an end. */
const picture = Buffer.from([0xff, 0xd8, 0xff, 0xd9]).toString("base64");

let seconds = 0;

/** A new passing each time, as a history report in the form of SE3 and early SE5. */
function passing() {
  const place = { device_ip: "192.168.1.25", ep_id: "SNO1__192.168.1.25", dev_sno: "SNO1" };
  return {
    identity_id: "666666",
    identity_name: "小明",
    group_name: "default_group",
    want_action: "0",
    score: 0.62,
    timestamp: Date.UTC(2026, 10, 1) + ++seconds * 1000,
    ext_data: { ...place, person_type: 1, device_type: "0", recognize_face: picture },
  };
}

/** The same passing as a real-time report: nothing in it says which box sent it. */
function realtime({ want_action: _, ...others }: ReturnType<typeof passing>) {
  return { ...others, ext_data: { device_ip: "192.168.1.25", person_type: 1, device_type: "0" } };
}

const asJson = (value: unknown) => Buffer.from(JSON.stringify(value));

/** A report of 明小, whose name is in GBK and not in UTF-8. */
function inGbk(): Buffer {
  const [before = "", after = ""] = JSON.stringify(passing()).split("小明");
  return Buffer.concat([Buffer.from(before), Buffer.from([0xc3, 0xf7, 0xd0, 0xa1]), Buffer.from(after)]);
}

function asForm(report: ReturnType<typeof passing>): Buffer {
  const fields = Object.entries(report).map(([key, value]): [string, string] => [
    key,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  return Buffer.from(new URLSearchParams(fields).toString());
}

const [repeated, twice] = [asJson(passing()), passing()];
const withBrokenPicture = passing();
withBrokenPicture.ext_data.recognize_face = "bm8gcGljdHVyZQ==";

export const cases: readonly Case[] = [
  { what: "a report", bodies: [asJson(passing())], type: json },
  { what: "a report three times, as after lost answers", bodies: [repeated, repeated, repeated], type: json },
  { what: "real-time and history of one passing", bodies: [asJson(realtime(twice)), asJson(twice)], type: json },
  {
    what: "three reports in a list, as a bridge uploads",
    bodies: [asJson([1, 2, 3].map(() => passing()))],
    type: json,
  },
  {
    what: "a form, as a box set to `form-data`",
    bodies: [asForm(passing())],
    type: "application/x-www-form-urlencoded",
  },
  {
    what: "a full-width comma, as the vendor's example has",
    bodies: [Buffer.from(JSON.stringify(passing()).replace(",", "，"))],
    type: json,
  },
  { what: "a name in GBK", bodies: [inGbk()], type: json, name: "明小" },
  { what: "an invalid picture", bodies: [asJson(withBrokenPicture)], type: json },
  { what: "an unknown body", bodies: [Buffer.from("<event/>")], type: json },
  {
    what: "a format of an unknown maker, once it is [taught](mappings.md)",
    bodies: [Buffer.from('{"op":"pass","uid":"n-6","ts":1763600406,"gate":"L"}')],
    type: json,
    mapping: {
      name: "Unknown maker",
      when: { is: { op: "pass" }, has: ["uid"] },
      fields: { time: { at: "ts" }, "person.id": { at: "uid" }, "device.id": { at: "gate" } },
    },
  },
  { what: "without a key", bodies: [asJson(passing())], type: json, isStranger: true },
];
