import { Subscriber } from "../../support/subscriber.ts";
import { type OneMachine, openOffice } from "./office.ts";
import { post, report } from "./report.ts";

/** An office with a problem of each kind. */
export interface Trouble {
  office: OneMachine;
  /** Who hears of what boxes ask for: one takes everything, one answers 500 until it is told to accept. */
  people: Subscriber;
  desk: Subscriber;
  close(): Promise<void>;
}

const hour = 60 * 60_000;
/** Over the office's limit. */
const tooLarge = 5 * 1024 * 1024;
const asks = { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } };
const target = (subscriber: Subscriber) => ({ url: `${subscriber.url}/hooks`, allowPrivate: true });

/**
 * Opens an office with a silent box, one whose clock is wrong and whose reports are too large, one that was never heard;
 * with reports of three kinds in quarantine, a rule that is refused, one that was removed, and one that cannot be used.
 */
export async function openTrouble(options: { scale?: number; looks?: number } = {}): Promise<Trouble> {
  const [people, desk] = [await Subscriber.listen(), await Subscriber.listen()];
  desk.answer(500);
  const office = await openOffice({
    ...options,
    hoursAgo: 4,
    rules: [
      { name: "people-system", pattern: asks, target: { ...target(people), secret: "a secret of two" } },
      {
        name: "guard-desk",
        pattern: { ...asks, detail: { ...asks.detail, event: { box: { id: [{ prefix: "gate-" }] } } } },
        target: { ...target(desk), headers: { "x-tenant": "north" } },
      },
      { name: "photo-archive", pattern: asks, target: { url: "https://user:word@photos.example/" } },
    ],
  });
  await office.runtime.boxes.look();
  await report(office, { identity_name: "Last One" }, await office.addBox("north-dock"));
  await office.toPresent();
  await office.addBox("south-gate");
  await troubleAtGarage(office);
  await unlikeReports(office);
  return {
    office,
    people,
    desk,
    async close() {
      await office.close();
      await Promise.all([people.close(), desk.close()]);
    },
  };
}

/** Its clock is three hours ahead, and it sends more than may be taken. */
async function troubleAtGarage(office: OneMachine): Promise<void> {
  const [, garage] = office.boxes;
  for (const id of ["501", "502"]) {
    await report(office, { identity_id: id, identity_name: "Ahead", timestamp: office.now() + 3 * hour }, garage);
  }
  const spot_pic = "A".repeat(tooLarge);
  const status = await post(garage, JSON.stringify({ identity_id: "503", ext_data: { spot_pic } }));
  if (status !== 413) throw new Error(`what is too large was answered ${status}`);
}

/** A picture of some size, as boxes send it: long enough to be folded. */
const photo = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(3000, 7)]).toString("base64");

async function unlikeReports(office: OneMachine): Promise<void> {
  const [gate, garage] = office.boxes;
  const whole = JSON.stringify({
    identity_id: "888007",
    identity_name: "赵强",
    timestamp: office.now(),
    want_action: "1002",
    reg_pic: photo,
    ext_data: { device_ip: "192.168.197.60", spot_pic: photo },
  });
  const all = [
    // The box gave up in the middle of the second picture.
    [garage, whole.slice(0, -1000)],
    [garage, whole.slice(0, -2000)],
    [gate, JSON.stringify({ hello: "world" })],
    [gate, "[[[1]]]"],
  ] as const;
  for (const [box, body] of all) {
    const status = await post(box, body);
    if (status !== 200) throw new Error(`what is no report was answered ${status}`);
  }
}
