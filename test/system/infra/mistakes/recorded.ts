import { readFileSync } from "node:fs";
import type { Graph, Stages } from "../stages.ts";
import { all, one } from "../stages.ts";

type Make = (stages: Stages) => void;

/** A possible mistake in the stacks, and the check that must find it. */
interface Mistake {
  mistake: string;
  caughtBy: string;
  make: Make;
}

/** One that is made in one resource: another text in it, wherever it is, other members, or the resource itself. */
interface SimpleMistake extends Omit<Mistake, "make"> {
  type: string;
  name: string;
  from?: string;
  to?: string;
  set?: Inputs;
  unset?: string;
  isAdded?: true;
}

type Inputs = Record<string, unknown>;

/** Changes the inputs of one resource in each stage that has it. A development stage has no alarms. */
function changing(type: string, name: string, change: (inputs: Inputs) => void): Make {
  return ({ test, production }) => {
    for (const { inputs } of [one(production, type, name), ...all(test, type).filter((found) => found.name === name)])
      change(inputs);
  };
}

/** Changes the inputs of every resource of a type in both stages. */
function changingAll(type: string, change: (inputs: Inputs) => void): Make {
  return ({ test, production }) => {
    for (const graph of [test, production]) for (const { inputs } of all(graph, type)) change(inputs);
  };
}

/** Leaves out one resource. */
function leavingOut(type: string, name: string): Make {
  const isLeft = (resource: Graph["resources"][number]) => resource.type !== `aws:${type}` || resource.name !== name;
  return ({ test, production }) => {
    for (const graph of [test, production]) graph.resources = graph.resources.filter(isLeft);
  };
}

function makerOf({ type, name, from, to = "", set, unset = "", isAdded }: SimpleMistake): Make {
  if (isAdded)
    return ({ test, production }) => {
      for (const { resources } of [test, production])
        resources.push({ type: `aws:${type}`, name, inputs: {}, parent: null, retainOnDelete: false });
    };
  return changing(type, name, (inputs) => {
    if (from === undefined) {
      Object.assign(inputs, set);
      delete inputs[unset];
      return;
    }
    const text = JSON.stringify(inputs);
    if (!text.includes(from)) throw new Error(`${from} is not in ${name}`);
    Object.assign(inputs, JSON.parse(text.replaceAll(from, to)));
  });
}

const simple: SimpleMistake[] = JSON.parse(readFileSync(new URL("recorded.json", import.meta.url), "utf8"));

const stage = ["apigatewayv2/stage:Stage", "GatewayStage"] as const;
const table = ["dynamodb/table:Table", "EventsTable"] as const;
const lifecycle = ["s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "StoreLifecycle"] as const;

/** Mistakes made in what a synth has recorded: the quick ones. */
export const recordedMistakes: Mistake[] = [
  ...simple.map((row) => ({ ...row, make: makerOf(row) })),
  {
    mistake: "a route leads to the handler of another",
    caughtBy: "every route leads to its own handler",
    make: changingAll("apigatewayv2/integration:Integration", (inputs) => {
      inputs["integrationUri"] = String(inputs["integrationUri"]).replace("PassRecord", "LiveEvent");
    }),
  },
  {
    mistake: "a route of the table is not deployed",
    caughtBy: "the routes of boxes are those of the route table",
    make: changingAll("apigatewayv2/route:Route", (inputs) => {
      if (inputs["routeKey"] === "POST /{token}/AsyncEvent") inputs["routeKey"] = "POST /{token}/Async";
    }),
  },
  {
    mistake: "a report by GET has the throttle of strange paths",
    caughtBy: "a report by GET has a route of boxes, and what readers ask for by GET has none",
    make: changingAll("apigatewayv2/route:Route", (inputs) => {
      if (inputs["routeKey"] === "GET /{token}/{proxy+}") inputs["routeKey"] = "GET /{token}/any/{proxy+}";
    }),
  },
  {
    mistake: "an API route under a word that a key may be",
    caughtBy: "what readers ask for begins with a word that no key is",
    make: changingAll("apigatewayv2/route:Route", (inputs) => {
      if (inputs["routeKey"] === "ANY /healthz") inputs["routeKey"] = "ANY /status";
    }),
  },
  {
    mistake: "a function is not deployed",
    caughtBy: "every file in functions/ is deployed, and nothing else",
    make: ({ test }) => void test.builds.pop(),
  },
  {
    mistake: "API Gateway may not invoke a function",
    caughtBy: "API Gateway may invoke what its routes lead to",
    make: ({ test }) => {
      test.resources = test.resources.filter(
        ({ type, inputs }) =>
          type !== "aws:lambda/permission:Permission" || !String(inputs["function"]).includes("PassRecord"),
      );
    },
  },
  {
    mistake: "events come as payload 1.0",
    caughtBy: "events come as payload 2.0",
    make: changingAll("apigatewayv2/integration:Integration", (inputs) => {
      inputs["payloadFormatVersion"] = "1.0";
    }),
  },
  {
    mistake: "readers may use up what boxes have",
    caughtBy: "every route that is not of boxes has a throttle of its own, far below theirs",
    make: changing(...stage, (inputs) => {
      inputs["routeSettings"] = (inputs["routeSettings"] as object[]).slice(1);
    }),
  },
  {
    mistake: "the stage is made before its routes, as SST does it",
    caughtBy: "the stage is made after the routes that it names, else AWS refuses it",
    make: ({ test, production }) => {
      for (const graph of [test, production])
        graph.resources.sort((one, other) => Number(other.name === stage[1]) - Number(one.name === stage[1]));
    },
  },
  {
    mistake: "a role that schedules of any account may take",
    caughtBy: "only schedules of this account may take the roles that invoke the sweeps",
    make: changing("iam/role:Role", "ErasureSweepScheduleRole", (inputs) => {
      inputs["assumeRolePolicy"] = String(inputs["assumeRolePolicy"]).replace(/,"Condition":\{.*\}(?=\}\])/, "");
    }),
  },
  {
    mistake: "what was written of an export that never ended stays for ever",
    caughtBy: "what was written of an export that never ended is removed, too",
    make: changing(...lifecycle, (inputs) => void (inputs["rules"] as object[]).pop()),
  },
  {
    mistake: "an index with another range",
    caughtBy: "the table has just the keys and indexes that its adapters are written for",
    make: changing(...table, ({ globalSecondaryIndexes }) => {
      Object.assign((globalSecondaryIndexes as object[])[1] ?? {}, { rangeKey: "byTime" });
    }),
  },
  {
    mistake: "an index is missing",
    caughtBy: "the table has these ten indexes",
    make: changing(...table, ({ globalSecondaryIndexes }) => void (globalSecondaryIndexes as object[]).pop()),
  },
  {
    mistake: "a key of an index is not declared",
    caughtBy: "just the attributes that are keys are declared, else DynamoDB refuses the table",
    make: changing(...table, ({ attributes }) => void (attributes as object[]).pop()),
  },
  {
    mistake: "a deploy gives up while an index is built",
    caughtBy: "a deploy waits a day for a new index of a large table",
    make({ test }) {
      for (const resource of test.resources) delete resource.customTimeouts;
    },
  },
  {
    mistake: "production's table can be deleted",
    caughtBy: "in production table and bucket survive their stack, and the stack cannot be removed",
    make: ({ production }) => {
      one(production, ...table).inputs["deletionProtectionEnabled"] = false;
    },
  },
  {
    mistake: "production's bucket goes with its stack",
    caughtBy: "in production table and bucket survive their stack, and the stack cannot be removed",
    make: ({ production }) => {
      one(production, "s3/bucket:Bucket", "StoreBucket").retainOnDelete = false;
    },
  },
  {
    mistake: "no policy on a dead-letter queue",
    caughtBy: "EventBridge may send to each queue and to each dead-letter queue, for its rule alone",
    make: leavingOut("sqs/queuePolicy:QueuePolicy", "UpdatePhotoUndeliveredPolicy"),
  },
  {
    mistake: "any rule of anybody may send to a queue",
    caughtBy: "EventBridge may send to each queue and to each dead-letter queue, for its rule alone",
    make: changing("sqs/queuePolicy:QueuePolicy", "UpdatePhotoPolicy", (inputs) => {
      inputs["policy"] = String(inputs["policy"]).replace(/,"Condition":\{.*\}(?=\}\])/, "");
    }),
  },
  {
    mistake: "no tags",
    caughtBy: "what is deployed is tagged",
    make: ({ production }) => {
      production.app["providers"] = { aws: {} };
    },
  },
  {
    mistake: "a function that takes reports may make keys",
    caughtBy: "the API alone writes rows of keys, whose ids begin with key_, and of the audit log",
    make: changing("iam/role:Role", "PassRecordRole", (inputs) => {
      // Both what denies it and what allows nothing else.
      const [first] = inputs["inlinePolicies"] as { policy: string }[];
      if (first === undefined) throw new Error("the role has no policy");
      first.policy = first.policy
        .replace('["key_*",', '["keys_*",')
        .replace('"unknown-terminals","receipt *"]', '"unknown-terminals","receipt *","key_*"]');
    }),
  },
  {
    mistake: "everybody may read the bucket of the page",
    caughtBy: "the page's files are private, and CloudFront alone reads them",
    make: changing("s3/bucketPolicy:BucketPolicy", "ConsoleAssetsPolicy", (inputs) => {
      inputs["policy"] = String(inputs["policy"]).replace('{"Service":["cloudfront.amazonaws.com"]}', '"*"');
    }),
  },
  {
    mistake: "the distribution names itself by another secret than the API knows",
    caughtBy: "the API is told who asked the distribution, by a secret that nothing else has",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).replace(/(\["x-gatepost-edge"\] = { value: ")/, "$1x");
    }),
  },
  {
    mistake: "a query closes the page",
    caughtBy: "the page opens with any query but the token of a box",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).replace("querystring.token", "querystring.from");
    }),
  },
  {
    mistake: "the function that finds the way is larger than CloudFront takes",
    caughtBy: "one distribution is in front, with one function that finds the way",
    make: changing("cloudfront/function:Function", "RouterCloudfrontFunctionRequest", (inputs) => {
      inputs["code"] = String(inputs["code"]).padEnd(20_000);
    }),
  },
];
