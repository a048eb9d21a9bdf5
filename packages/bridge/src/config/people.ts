import { isObject } from "@gatepost/protocol";
import * as z from "zod";
import { boxHost, port } from "./addresses.ts";
import { messageOf } from "./message.ts";

const text = (most: number) =>
  z
    .string("write it as a text, in quotes")
    .min(1, "it is empty")
    .max(most, `it is too long: ${most} characters at most`);

/** The person interface of a box. docs/acting.md. */
const boxMembers = {
  host: boxHost,
  port: port.default(5555),
  /** If it is left out, the box is asked. */
  generation: z.enum(["A", "B", "B7", "C"], "write A, B, B7 or C, or leave it out").exactOptional(),
  /** The comparison library of generations A, B and B7. */
  library: text(64)
    .regex(/^[^,]+$/, "name one library, without a comma")
    .default("default_group"),
  /** The permission group for people who are registered without one. */
  group: text(128).exactOptional(),
  /** The quality that a photo must have for the box, in the words that all generations share. */
  quality: z.enum(["high", "low", "no"], 'write high, low or "no"').default("high"),
};
const box = z.strictObject(boxMembers, "write the address of the box as 192.168.1.80, or leave `people` out");

const platformTodo = "write the address of sophonsight as http://192.168.1.10:9061";

/** A sophonsight platform that accepts people. docs/acting.md. */
const platform = z.strictObject({
  sophonsight: z.string(platformTodo).regex(/^https?:\/\/[^/?#@]+\/?$/, platformTodo),
  appkey: text(256),
  secret: text(256),
  /** The id of the department for registered people, as it is in sophonsight. */
  department: text(100),
});

const alone = boxHost.transform((host) => box.parse({ host }));

/** The place to register people of a box. Without it, a box is not changed. Errors name their place. */
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
