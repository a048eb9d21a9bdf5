import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "@gatepost/ingest";

/** The log of a Lambda: one line of JSON a fact. */
export function lambdaLog(logger = new Logger({ serviceName: "gatepost" })): Log {
  const line = (level: "info" | "warn" | "error") => (message: string, facts?: Record<string, unknown>) =>
    logger[level](message, withoutRows(facts ?? {}));
  return { info: line("info"), warn: line("warn"), error: line("error") };
}

/** Errors of the SDK carry what was sent and answered, rows with names among it: of them only what tells the failure. */
function withoutRows(facts: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, value instanceof Error ? errorFacts(value) : value]),
  );
}

interface ErrorFacts {
  name: string;
  message: string;
  stack?: string;
  code?: string;
  cause?: ErrorFacts;
}

function errorFacts({ name, message, stack, cause, ...others }: Error): ErrorFacts {
  return {
    name,
    message,
    ...(stack === undefined ? {} : { stack }),
    ...("code" in others && typeof others.code === "string" ? { code: others.code } : {}),
    ...(cause instanceof Error ? { cause: errorFacts(cause) } : {}),
  };
}
