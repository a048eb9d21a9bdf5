import { type AlertRule, alertTargetSchema, PrivateTarget, privateHost } from "@gatepost/alerts/targets";
import { type Compiled, compile, PatternError } from "@gatepost/event-pattern";
import * as z from "zod/mini";

/** A rule of the deployment that alerts people. EventBridge selects its entries, except by `between`. */
export interface DeployedRule extends AlertRule {
  maxAgeSeconds?: number;
  /** The part of its pattern with `between`. */
  hours?: Compiled;
}

const written = z.array(
  z.object({
    name: z.string(),
    target: z.record(z.string(), z.unknown()),
    maxAgeSeconds: z.exactOptional(z.int()),
    hours: z.exactOptional(z.unknown()),
  }),
);

const secrets = z.record(z.string(), z.record(z.string(), z.string()));

/** An invalid rule, and why it is invalid. */
export interface RuleFault {
  rule: string;
  reason: string;
}

/**
 * Reads the deployed rules, each together with its secrets. Throws if one of the texts is not JSON of that form. Faults
 * of single rules are returned; they quote neither a URL nor a secret.
 */
export function readAlertRules(rulesText: string, secretsText: string): { rules: DeployedRule[]; faults: RuleFault[] } {
  const hidden = jsonOf(secrets, secretsText, "AlertSecrets");
  const rules: DeployedRule[] = [];
  const faults: RuleFault[] = [];
  for (const { name, target, hours: asked, ...others } of jsonOf(written, rulesText, "GATEPOST_ALERTS")) {
    const read = alertTargetSchema.safeParse({ ...target, ...hidden[name] });
    const hours = hoursOf(asked);
    const reasons = read.success ? reasonsAgainst(read.data) : read.error.issues.map(sentenceOf);
    if (typeof hours === "string") reasons.push(hours);
    if (!read.success || typeof hours === "string" || reasons.length > 0) {
      faults.push({ rule: name, reason: reasons.join("; ") });
    } else {
      rules.push({ name, target: read.data, ...others, ...(hours === null ? {} : { hours }) });
    }
  }
  return { rules, faults };
}

/** The hours of a rule, null if it has none, or their fault. */
function hoursOf(asked: unknown): Compiled | string | null {
  if (asked === undefined) return null;
  try {
    return compile(asked);
  } catch (error) {
    if (error instanceof PatternError) return `hours: ${error.message}`;
    throw error;
  }
}

function reasonsAgainst({ url, allowPrivate }: AlertRule["target"]): string[] {
  const host = allowPrivate ? null : privateHost(url);
  return host === null ? [] : [`url: ${new PrivateTarget(host).message}`];
}

function sentenceOf({ path, message }: { path: readonly PropertyKey[]; message: string }): string {
  return [path.map(String).join("."), message].filter(Boolean).join(": ");
}

/** The message of a JSON error quotes the text, which may contain a secret. */
function jsonOf<Schema extends z.ZodMiniType>(schema: Schema, text: string, name: string): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is no JSON`);
  }
  const read = z.safeParse(schema, value);
  if (read.success) return read.data;
  throw new Error(`${name} is not as docs/alerts.md describes it`);
}
