import { awsRuntime } from "@gatepost/aws";
import { awsJobWorker } from "@gatepost/aws/jobs";

export const handler = awsJobWorker(awsRuntime());
