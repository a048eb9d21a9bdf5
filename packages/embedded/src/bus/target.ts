import { validateHeaderName, validateHeaderValue } from "node:http";
import { isAbsolute } from "node:path";
import { type AlertTarget, alertTargetSchema, isForAlerts } from "@gatepost/alerts/targets";
import { authority, isPem } from "@gatepost/core/authority";
import { faultInWords } from "@gatepost/core/errors";
import { isObject } from "@gatepost/protocol";
import * as z from "zod";
import { secretKey } from "./signature.ts";

/** Headers that the delivery sets itself, or that would change how the body is read. */
const ownHeaders =
  /^(webhook-.*|gatepost-.*|proxy-.*|host|content-(length|type|encoding)|user-agent|connection|keep-alive|transfer-encoding|upgrade|expect|te|trailer|date)$/i;

const url = z.string().transform((text, { addIssue }) => {
  const read = URL.canParse(text) ? new URL(text) : null;
  if (read === null || !/^https?:$/.test(read.protocol)) {
    addIssue("must be as https://subscriber.example/path");
    return z.NEVER;
  }
  if (read.username !== "" || read.password !== "") addIssue("must hold no user or password; send a header");
  return read;
});

const headers = z.record(z.string(), z.string()).superRefine((sent, { addIssue }) => {
  for (const [name, value] of Object.entries(sent)) {
    const fault = headerFault(name, value);
    if (fault !== null) addIssue(`${JSON.stringify(name)} ${fault}`);
  }
});

const secret = z.string().transform((text, { addIssue }) => {
  const key = text === "" ? null : secretKey(text);
  if (key !== null) return key;
  addIssue("must be a text, or base64 after whsec_");
  return z.NEVER;
});

/** Secrets that a rule signs with at the same time: the new one and the old one, while receivers change. */
const maxSecrets = 2;

/** The webhook that gets the entries of a rule. `keys` sign each delivery. */
const webhookSchema = z
  .strictObject({
    url,
    headers: headers.default({}),
    secret: secret.nullable().default(null),
    secrets: z.array(secret).min(1).max(maxSecrets, `give ${maxSecrets} secrets at most, the new one first`).nullish(),
    allowPrivate: z.boolean().default(false),
    ca: authority.nullable().default(null),
  })
  .refine(({ secret: one, secrets }) => one === null || !secrets, {
    path: ["secrets"],
    error: "give secret or secrets, not both",
  })
  .transform(({ secret: one, secrets, ...target }) => ({ ...target, keys: secrets ?? (one === null ? [] : [one]) }));

export type WebhookTarget = z.output<typeof webhookSchema>;

/**
 * The target of a rule's entries: a webhook if it has no `type`, else people. The file that its `ca` names is read for
 * each connection: if it is missing now, entries wait for it.
 */
export const targetSchema = z.unknown().transform((sent, { addIssue }): WebhookTarget | AlertTarget => {
  const schema = isForAlerts(sent) ? alertTargetSchema : webhookSchema;
  const file = isObject(sent) && typeof sent["ca"] === "string" && !isPem(sent["ca"]) ? sent["ca"] : null;
  const read = schema.safeParse(file === null ? sent : { ...Object(sent), ca: null }, { error: faultInWords });
  const faults = read.success ? [] : read.error.issues.map(({ path, message }) => ({ path, message }));
  if (file !== null && !isAbsolute(file)) {
    faults.push({ path: ["ca"], message: "must be a certificate as PEM, or the absolute path of a file of it" });
  }
  if (read.success && faults.length === 0) return file === null ? read.data : { ...read.data, ca: file };
  for (const { path, message } of faults) addIssue({ code: "custom", path, message });
  return z.NEVER;
});

function headerFault(name: string, value: string): string | null {
  if (ownHeaders.test(name)) return "is not for a rule to set";
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return null;
  } catch {
    return "is no header that can be sent";
  }
}
