/// <reference path="../../.sst/platform/config.d.ts" />

/*
 * A subscriber in an application of its own, in the account of Gatepost. It takes from Gatepost's queue, which keeps
 * every request for fourteen days, and puts one aside that has failed five times. Copy this folder (the reference above
 * is then ./.sst/…), `npm install sst @gatepost/client`, then
 *   gatepost keys create --scope settle --url URL --token ADMIN
 *   npx sst secret set GatepostToken gpo_… --stage production
 *   GATEPOST_QUEUE=arn:aws:sqs:… GATEPOST_URL=https://… PEOPLE_URL=https://… npx sst deploy --stage production
 * The queue is `updatePhoto` or `registerStranger`, as Gatepost's deployment printed them.
 */
export default $config({
  app: (input) => ({
    name: "gatepost-subscriber",
    home: "aws",
    removal: input?.stage === "production" ? "retain" : "remove",
  }),
  async run() {
    const token = new sst.Secret("GatepostToken");
    sst.aws.Queue.subscribe(
      process.env.GATEPOST_QUEUE ?? "",
      {
        handler: "subscriber.handler",
        runtime: "nodejs24.x",
        // A message stays hidden for 5 minutes, which must be longer than a batch may take.
        timeout: "60 seconds",
        environment: {
          GATEPOST_URL: process.env.GATEPOST_URL ?? "",
          GATEPOST_TOKEN: token.value,
          PEOPLE_URL: process.env.PEOPLE_URL ?? "",
        },
      },
      // Only the messages that failed are tried again.
      { batch: { size: 10, partialResponses: true } },
    );
  },
});
