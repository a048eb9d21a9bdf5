import { awsRuntime } from "@gatepost/aws";
import { receiver } from "@gatepost/ingest";

export const handler = receiver(awsRuntime());
