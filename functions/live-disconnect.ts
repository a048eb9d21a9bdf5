import { awsRuntime } from "@gatepost/aws";
import { awsLiveDisconnect } from "@gatepost/aws/live";

export const handler = awsLiveDisconnect(awsRuntime());
