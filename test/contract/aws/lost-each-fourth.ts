import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import type { Clients } from "@gatepost/aws";

/** Does each fourth write twice, as the SDK does if the first answer was lost, and returns the second answer. */
export function loseEachFourthAnswer({ dynamo }: Pick<Clients, "dynamo">): void {
  let writes = 0;
  dynamo.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== "UpdateItemCommand" && commandName !== "PutItemCommand") return next(args);
        writes += 1;
        if (writes % 4 !== 0) return next(args);
        await next(args);
        try {
          return await next(args);
        } catch (error) {
          // The SDK writes into an error how often it has tried.
          if (error instanceof DynamoDBServiceException) error.$metadata.attempts = 2;
          throw error;
        }
      },
    { step: "initialize" },
  );
}
