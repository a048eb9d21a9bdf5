import * as z from "zod";
import { boxHost, port } from "./addresses.ts";

const userTodo = "name the user of the terminal in ASCII, as gatepost";

/** The address of another maker's terminal that the bridge asks for its events. docs/terminals.md. */
export const terminalSchema = z.strictObject(
  {
    make: z.enum(
      ["hikvision", "dahua", "uniview"],
      "write `make: hikvision`, `make: dahua` or `make: uniview`; terminals of ZKTeco only push their events",
    ),
    host: boxHost,
    port: port.default(80),
    user: z
      .string(userTodo)
      .regex(/^[\x20-\x7e]{1,64}$/, userTodo)
      .default("admin"),
    password: z
      .string("write the password of the terminal as a text, in quotes")
      .min(1, "write the password of the terminal")
      .max(128, "it is too long: 128 characters at most"),
  },
  'write the terminal as { make: hikvision, host: 192.168.1.64, password: "…" }',
);
