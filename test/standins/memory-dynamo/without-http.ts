import { setImmediate } from "node:timers";
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
} from "@aws-sdk/client-dynamodb";
import { callerOf } from "./answer.ts";

/** Tables of this process, or a stand-in in front of them. */
export interface Answering {
  answer(caller: string, operation: string, input: unknown): object | Promise<object>;
}

// As it is now: a test may put another one in its place.
const nextTurn = setImmediate;

/**
 * Makes a client ask the tables in its process, right behind the first middlewares of a call. The SDK neither writes,
 * signs, sends and repeats a call nor reads its answer, which is most of its cost. The tables and the caller share no
 * object, and the answer is given in a later turn, so that other calls run in between. Suites behind a gate ask by HTTP.
 */
export function askWithoutHttp({ config, middlewareStack }: DynamoDBClient, tables: Answering): void {
  middlewareStack.add(
    (_, { commandName = "" }) =>
      async ({ input }) => {
        const { accessKeyId } = await config.credentials();
        const caller = callerOf(accessKeyId, await config.region());
        await turn();
        try {
          const answer = await tables.answer(caller, commandName.replace(/Command$/, ""), copyOf(input));
          return { response: null, output: { ...copyOf(answer), $metadata: {} } };
        } catch (error) {
          throw asRefusal(error);
        } finally {
          // Other calls may run between the work for a caller and its receipt of the answer.
          await turn();
        }
      },
    { step: "serialize", priority: "high", name: "tablesOfThisProcess" },
  );
}

/** What a caller and the tables exchange shares no object. */
export function copyOf<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

/** An error that is no refusal of the service is a ValidationException. */
function asRefusal(error: unknown): DynamoDBServiceException {
  if (error instanceof ConditionalCheckFailedException && error.Item !== undefined) error.Item = copyOf(error.Item);
  if (error instanceof DynamoDBServiceException) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DynamoDBServiceException({ name: "ValidationException", message, $fault: "client", $metadata: {} });
}

function turn(): Promise<void> {
  return new Promise((resolve) => nextTurn(() => resolve()));
}
