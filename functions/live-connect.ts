import { awsRuntime } from "@gatepost/aws";
import { awsLiveConnect } from "@gatepost/aws/live";

export const handler = awsLiveConnect(awsRuntime());
