import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import type { Clients } from "@gatepost/aws";

/**
 * How one call goes wrong: it is not done, it is done and its answer is lost, or it is done twice because the first
 * answer was lost.
 */
export const failures = ["fails", "is done and not answered", "is done twice"] as const;

export interface FailingCall {
  /** Makes the call with this number fail, counted from now on; 0 is the next one. */
  fail(number: number, how: (typeof failures)[number]): void;
  /** Whether that call has come. */
  readonly hasStruck: boolean;
}

/**
 * Makes one call to DynamoDB or S3 go wrong. Queries are not counted: there are dozens before some calls, and a failed
 * one leaves the same behind as a failure of the call after it.
 */
export function failingCallOf({ dynamo, s3 }: Pick<Clients, "dynamo" | "s3">): FailingCall {
  let plan: { left: number; how: (typeof failures)[number] } = { left: -1, how: "fails" };
  const strike =
    <Args, Result>(next: (args: Args) => Promise<Result>, { commandName = "" }: { commandName?: string }) =>
    async (args: Args) => {
      if (commandName === "QueryCommand") return next(args);
      plan.left -= 1;
      if (plan.left !== -1) return next(args);
      if (plan.how !== "fails") await next(args);
      if (plan.how === "is done twice") return next(args).catch(asOfSecondTry);
      throw new Error(`${commandName} ${plan.how}`);
    };
  dynamo.middlewareStack.add(strike, { step: "initialize" });
  s3.middlewareStack.add(strike, { step: "initialize" });
  return {
    fail(number, how) {
      plan = { left: number, how };
    },
    get hasStruck() {
      return plan.left < 0;
    },
  };
}

/** The SDK says in an error how often it has tried. */
function asOfSecondTry(error: unknown): never {
  if (error instanceof DynamoDBServiceException) error.$metadata.attempts = 2;
  throw error;
}
