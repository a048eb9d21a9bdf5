import { type JsonObject, mappedReaderOf, mappingSchema, mappingsInOrder } from "@gatepost/protocol";
import { type Ports, receiver } from "@gatepost/receive";
import { nowhere } from "../../../bench/handler.ts";
import { median, ratiosOf } from "../../../bench/ratio.ts";
import { boxRequest } from "../../support/http.ts";
import { jpeg } from "../../support/pictures.ts";

/*
 * Prints two ratios of CPU, each the median of its rounds, as JSON: a body that a mapping reads ÷ the same facts in
 * `platform-a`; and a body for which a hundred mappings nearly fit ÷ the same with one.
 */

const photo = (name: string, bytes: number) => jpeg(name.padEnd(bytes, "0123456789")).toString("base64");

const facts = {
  userId: "888001",
  userName: "王芳",
  userType: "MEMBER",
  matchScore: 0.87,
  crossTime: 1_795_000_000_000,
  deviceId: "AKOPKKKKK",
  cameraId: "epid001",
  cameraIp: "192.168.1.60",
  userPhoto: photo("user", 40_000),
  crossSrcPhoto: photo("scene", 60_000),
  crossFacePhoto: photo("face", 30_000),
};

/** The same facts under names that no dialect knows. */
const renamed = Object.fromEntries(Object.entries(facts).map(([name, value]) => [`x_${name}`, value]));

const at = (name: keyof typeof facts) => ({ at: `x_${name}` });
const mapping = {
  name: "Costs",
  when: { has: ["x_userId"], is: { x_deviceId: facts.deviceId } },
  kind: "pass-record",
  fields: {
    time: at("crossTime"),
    serial: at("deviceId"),
    "device.id": at("cameraId"),
    "device.ip": at("cameraIp"),
    "person.id": at("userId"),
    "person.name": at("userName"),
    "person.type": { ...at("userType"), values: { MEMBER: "employee" } },
    score: { ...at("matchScore"), of: 1 },
  },
  pictures: { registered: "x_userPhoto", scene: "x_crossSrcPhoto", face: "x_crossFacePhoto" },
};

/** Receives a body again and again. Throws if it is no event. */
async function receiving(body: JsonObject, mappings: readonly JsonObject[]): Promise<() => Promise<unknown>> {
  const readers = mappings.map((one, number) =>
    mappedReaderOf({ ...mappingSchema().parse(one), id: `map_${`${number}`.padStart(3, "0")}` as const }),
  );
  const inOrder = mappingsInOrder(readers, "gate-1");
  const ports: Ports = { ...nowhere, knownMappings: { of: async () => inOrder } };
  const receive = receiver(ports);
  const request = boxRequest({ path: `/gpi_${"costs".repeat(6)}/HistoryEvent`, body });
  const outcome = (await receive(request)).headers?.["gatepost-outcome"] ?? "none";
  if (!outcome.startsWith("stored")) throw new Error(`the body is no event: ${outcome}`);
  return () => receive(request);
}

/** Ninety-nine mappings that fit but for their last condition, and then the one that fits. */
const hundred = [
  ...Array.from({ length: 99 }, (_, number) => ({
    ...mapping,
    when: { has: ["x_userId", "x_userName", "x_crossTime"], is: { x_cameraId: facts.cameraId, x_none: number } },
  })),
  mapping,
];

const rounds = { rounds: 15, runsARound: 100 };
const ofOne = await receiving(renamed, [mapping]);
const costs = {
  overDialect: median(await ratiosOf(ofOne, await receiving(facts, []), rounds)),
  hundredOverOne: median(await ratiosOf(await receiving(renamed, hundred), ofOne, rounds)),
};
process.stdout.write(JSON.stringify(costs));
