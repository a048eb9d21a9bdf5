import { isObject } from "@gatepost/protocol";
import * as z from "zod";
import { boxHost, port } from "./addresses.ts";
import { messageOf } from "./message.ts";

const text = (most: number) => z.string("write it as a text, in quotes").min(1, "it is empty").max(most);

/** The person interface of a box. docs/acting.md. */
const boxMembers = {
  host: boxHost,
  port: port.default(5555),
  /** Found out by asking where it is left out. */
  generation: z.enum(["A", "B", "B7", "C"], "write A, B, B7 or C, or leave it out").exactOptional(),
  /** The comparison library of A, B and B7. */
  library: text(64)
    .regex(/^[^,]+$/, "name one library, without a comma")
    .default("default_group"),
  /** The permission group of who is registered without one. */
  group: text(128).exactOptional(),
  /** What a photo must reach on the box; the words that all generations share. */
  quality: z.enum(["high", "low", "no"], 'write high, low or "no"').default("high"),
};
const box = z.strictObject(boxMembers, "write the address of the box as 192.168.1.80, or leave `people` out");

const platformTodo = "write the address of sophonsight as http://192.168.1.10:9061";

/** A sophonsight platform that takes persons. docs/acting.md. */
const platform = z.strictObject({
  sophonsight: z.string(platformTodo).regex(/^https?:\/\/[^/?#@]+\/?$/, platformTodo),
  appkey: text(256),
  secret: text(256),
  /** The id of the department that persons go to, as it was given to sophonsight. */
  department: text(100),
});

const alone = boxHost.transform((host) => box.parse({ host }));

/** Where persons of a box are registered; a box without it is left alone. What is wrong is named where it stands. */
export const peopleSchema = z.unknown().transform((sent, context) => {
  const isPlatform = isObject(sent) && "sophonsight" in sent;
  const read = (typeof sent === "string" ? alone : isPlatform ? platform : box).safeParse(sent);
  if (read.success) return read.data;
  for (const issue of read.error.issues) {
    context.issues.push({ code: "custom", path: issue.path, message: messageOf(issue), input: null });
  }
  return z.NEVER;
});

export type PeopleConfig = z.output<typeof peopleSchema>;
export type BoxPeopleConfig = z.output<typeof box>;
export type PlatformConfig = z.output<typeof platform>;
