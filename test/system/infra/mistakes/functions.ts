import { adding, changing, type Mistake, replacing } from "./mistake.ts";

const role = "iam/role:Role";
const lambda = "lambda/function:Function";

export const functionMistakes: Mistake[] = [
  {
    mistake: "a receiver may read pictures",
    caughtBy: "each function may do just this",
    make: replacing(role, "LiveEventRole", '[\\"s3:PutObject\\"]', '[\\"s3:PutObject\\",\\"s3:GetObject\\"]'),
  },
  {
    mistake: "Lambda logs two lines of its own for each invocation",
    caughtBy: "of Lambda's own lines only warnings are logged, and every line of ours",
    make: changing(lambda, "RealtimeEventFunction", (inputs) => {
      inputs["loggingConfig"] = { logFormat: "JSON" };
    }),
  },
  {
    mistake: "functions share a role",
    caughtBy: "each function has a role of its own, which Lambda alone may take",
    make: replacing(lambda, "PassRecordFunction", "PassRecordRole", "ApiRole"),
  },
  {
    mistake: "the account may take a function's role",
    caughtBy: "each function has a role of its own, which Lambda alone may take",
    make: changing(role, "ApiRole", (inputs) => {
      inputs["assumeRolePolicy"] = {
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "arn:aws:iam::123456789012:root" } },
        ],
      };
    }),
  },
  {
    mistake: "a permission for everything",
    caughtBy: "nobody may do everything, or anything to everything",
    make: replacing(role, "ActionSweepRole", '[\\"events:PutEvents\\"]', '[\\"events:*\\"]'),
  },
  {
    mistake: "Node 22",
    caughtBy: "functions run on Node 24, on arm64",
    make: replacing(lambda, "ApiFunction", "nodejs24.x", "nodejs22.x"),
  },
  {
    mistake: "a function that gives up before the store does",
    caughtBy: "memory and time of each function",
    make: changing(lambda, "HistoryEventFunction", (inputs) => {
      inputs["timeout"] = 3;
    }),
  },
  {
    mistake: "a function that does not know its table",
    caughtBy: "functions know where to write, and what the deployment chose",
    make: replacing(lambda, "AnyEventFunction", "GATEPOST_TABLE", "TABLE"),
  },
  {
    mistake: "no tags",
    caughtBy: "what is deployed is tagged",
    make: ({ production }) => {
      production.app["providers"] = { aws: {} };
    },
  },
  {
    mistake: "functions are kept warm everywhere",
    caughtBy: "nothing is kept warm unless a stage says so",
    make: adding("lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig", "Warm"),
  },
  {
    mistake: "an account of ten instances refuses the deploy",
    caughtBy: "nothing is reserved, traced or paid for by a key unless somebody asks",
    make: changing(lambda, "ApiFunction", (inputs) => {
      inputs["reservedConcurrentExecutions"] = 50;
    }),
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
        .replace('"notice *","pin *","unknown-terminals"]', '"notice *","pin *","unknown-terminals","key_*"]');
    }),
  },
  {
    mistake: "a function that takes reports may order",
    caughtBy: "nobody but who must writes tickets, orders, erasures or jobs, or reads the audit log",
    make: replacing("iam/role:Role", "PassRecordRole", '[\\"o_1001\\",', "["),
  },
  {
    mistake: "a role is larger than IAM takes",
    caughtBy: "what a role says of rows is within what IAM takes",
    make: replacing("iam/role:Role", "JobRole", '\\"evt_*\\"', `\\"evt_${"x".repeat(9000)}*\\"`),
  },
];
