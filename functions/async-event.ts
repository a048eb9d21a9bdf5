import { ingestHandler, warmReceiver } from "@gatepost/aws";

export const handler = ingestHandler(warmReceiver);
