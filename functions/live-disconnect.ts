import { awsLiveDisconnect } from "@gatepost/aws/live";
import { awsRuntime } from "@gatepost/aws/runtime";

export const handler = awsLiveDisconnect(awsRuntime());
