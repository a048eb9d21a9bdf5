import { awsRuntime, ingestHandler } from "@gatepost/aws";

export const handler = ingestHandler(awsRuntime);
