import { awsRuntime } from "@gatepost/aws";
import { awsAlerts } from "@gatepost/aws/alerts";

export const handler = awsAlerts(awsRuntime());
