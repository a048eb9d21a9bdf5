/// <reference path="../../../.sst/platform/config.d.ts" />

/*
 * A subscriber in another account: a bus that Gatepost's account may put entries on, and a queue of its own. Copy this
 * folder, and ../subscriber.ts into the copy: the reference above is then ./.sst/…, and the handler `subscriber.handler`.
 * `npm install sst @gatepost/client`, then
 *   npx sst secret set GatepostToken gpo_… --stage production
 *   GATEPOST_ACCOUNT=123456789012 GATEPOST_URL=https://… PEOPLE_URL=https://… npx sst deploy --stage production
 * It prints the ARN of its bus. On the side of Gatepost, stages.json then has
 *   "subscribers": [{ "bus": "arn:aws:events:…", "pattern": { "detail": { "want_action": ["1001", "1002"] } } }]
 */
export default $config({
  app: (input) => ({
    name: "gatepost-subscriber",
    home: "aws",
    removal: input?.stage === "production" ? "retain" : "remove",
  }),
  async run() {
    const account = process.env.GATEPOST_ACCOUNT ?? "";
    if (!/^\d{12}$/.test(account)) throw new Error("GATEPOST_ACCOUNT is the id of Gatepost's account, 12 digits");
    const { partition } = aws.getPartitionOutput();
    const bus = new sst.aws.Bus("Actions");
    new aws.cloudwatch.EventBusPolicy("ActionsPolicy", {
      eventBusName: bus.name,
      policy: $jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "Gatepost",
            Effect: "Allow",
            Principal: { AWS: $interpolate`arn:${partition}:iam::${account}:root` },
            Action: "events:PutEvents",
            Resource: bus.arn,
            Condition: { StringEquals: { "events:source": "gatepost" } },
          },
        ],
      }),
    });
    // A message is kept for fourteen days, and put aside after five failures.
    const kept = { transform: { queue: { messageRetentionSeconds: 14 * 24 * 60 * 60 } } };
    const failed = new sst.aws.Queue("Failed", kept);
    const queue = new sst.aws.Queue("Requests", {
      ...kept,
      visibilityTimeout: "5 minutes",
      dlq: { queue: failed.arn, retry: 5 },
    });
    const rule = new aws.cloudwatch.EventRule("RequestsRule", {
      eventBusName: bus.name,
      // Text: a number would never match.
      eventPattern: $jsonStringify({
        account: [account],
        source: ["gatepost"],
        detail: { want_action: ["1001", "1002"] },
      }),
    });
    new aws.cloudwatch.EventTarget("RequestsTarget", {
      eventBusName: bus.name,
      rule: rule.name,
      arn: queue.arn,
      deadLetterConfig: { arn: failed.arn },
    });
    for (const [name, one] of [
      ["Requests", queue],
      ["Failed", failed],
    ] as const) {
      new aws.sqs.QueuePolicy(`${name}Policy`, {
        queueUrl: one.url,
        policy: $jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "events.amazonaws.com" },
              Action: "sqs:SendMessage",
              Resource: one.arn,
              Condition: { ArnEquals: { "aws:SourceArn": rule.arn } },
            },
          ],
        }),
      });
    }
    const token = new sst.Secret("GatepostToken");
    queue.subscribe(
      {
        handler: "../subscriber.handler",
        runtime: "nodejs24.x",
        timeout: "60 seconds",
        environment: {
          GATEPOST_URL: process.env.GATEPOST_URL ?? "",
          GATEPOST_TOKEN: token.value,
          PEOPLE_URL: process.env.PEOPLE_URL ?? "",
        },
      },
      { batch: { size: 10, partialResponses: true } },
    );
    return { bus: bus.arn };
  },
});
