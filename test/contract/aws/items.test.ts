import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoItems } from "../../../packages/aws/src/dynamo/items.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { engine } from "../../standins/dynamo.ts";
import { itemsContract } from "../items.ts";
import { recordsContracts } from "../records.ts";
import { noon } from "../samples.ts";
import { loseEachFourthAnswer } from "./lost-each-fourth.ts";
import { runtimeOn } from "./runtime.ts";

// Not on moto, which compares texts and limits sizes in another way than DynamoDB.
onStandIns((standIns) => {
  for (const losesAnswers of [false, true]) {
    const openItems = async () => {
      let now = noon;
      const clock = () => now;
      const { clients, names, close } = await runtimeOn(standIns);
      if (losesAnswers) loseEachFourthAnswer(clients);
      const setClock = (time: number) => {
        now = time;
      };
      const spoil = async (pk: string) => {
        const Item = { pk: { S: pk }, a: { M: {} } };
        await clients.dynamo.send(new PutItemCommand({ TableName: names.table, Item }));
      };
      return { items: new DynamoItems(tableOf({ clients, names }), clock), clock, setClock, spoil, close };
    };
    const name = losesAnswers ? "DynamoDB that loses each fourth answer" : "DynamoDB";
    itemsContract(name, openItems, { losesAnswers });
    // With lost answers, records send DynamoDB Local all commands that they send without.
    if (losesAnswers || engine === "memory") recordsContracts(name, openItems);
  }
});
