import { awsReceiver, ingestHandler } from "@gatepost/aws";

export const handler = ingestHandler(awsReceiver);
