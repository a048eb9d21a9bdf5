/// <reference path="../../.sst/platform/config.d.ts" />

/*
 * A subscriber of its own, in an application of its own: it names Gatepost's bus, and nothing of Gatepost is
 * deployed again. Copy this folder (the reference above is then ./.sst/…),
 * `npm install sst @gatepost/client`, then
 *   npx sst secret set GatepostToken gpa_… --stage production
 *   GATEPOST_BUS_ARN=arn:aws:events:… GATEPOST_URL=https://… PEOPLE_URL=https://… npx sst deploy --stage production
 */
export default $config({
  app: (input) => ({
    name: "gatepost-subscriber",
    home: "aws",
    removal: input?.stage === "production" ? "retain" : "remove",
  }),
  async run() {
    const token = new sst.Secret("GatepostToken");
    sst.aws.Bus.subscribe(
      "Actions",
      process.env.GATEPOST_BUS_ARN ?? "",
      {
        handler: "subscriber.handler",
        runtime: "nodejs24.x",
        timeout: "30 seconds",
        environment: {
          GATEPOST_URL: process.env.GATEPOST_URL ?? "",
          GATEPOST_TOKEN: token.value,
          PEOPLE_URL: process.env.PEOPLE_URL ?? "",
        },
      },
      // Text: a number would never match.
      { pattern: { source: ["gatepost"], detail: { want_action: ["1001", "1002"] } } },
    );
  },
});
