import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "@gatepost/core/log";
import { masked } from "@gatepost/core/masking";

/** The log of a Lambda function: one JSON line for each message. It contains no key, whichever call failed. */
export function lambdaLog(logger = new Logger({ serviceName: "gatepost" })): Log {
  const line = (level: "info" | "warn" | "error") => (message: string, facts?: Record<string, unknown>) =>
    logger[level](masked(message), withoutRows(facts ?? {}));
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

/**
 * Errors of the SDK contain the request and the answer, and so rows and names of people. Only the cause of the failure
 * is logged.
 */
function withoutRows(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      value instanceof Error ? errorFacts(value) : withoutKey(value),
    ]),
  );
}

function withoutKey(value: unknown): unknown {
  return typeof value === "string" ? masked(value) : value;
}

interface ErrorFacts {
  name: string;
  message: string;
  stack?: string | undefined;
  code?: string | undefined;
  cause?: ErrorFacts | undefined;
}

function errorFacts({ name, message, stack, cause, ...others }: Error): ErrorFacts {
  return {
    name,
    message: masked(message),
    stack: stack && masked(stack),
    code: "code" in others && typeof others.code === "string" ? others.code : undefined,
    cause: cause instanceof Error ? errorFacts(cause) : undefined,
  };
}
