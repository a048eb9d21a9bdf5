import { awsRuntime } from "@gatepost/aws";
import { awsCheckSubscriber } from "@gatepost/aws/reads";

export const handler = awsCheckSubscriber(awsRuntime());
