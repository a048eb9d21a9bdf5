import { temporaryDataFolder } from "../../runtime/embedded/temporary.ts";
import { PushService } from "../../standins/push-service.ts";
import { fileOf } from "../../support/certificates.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { notifications } from "../blackbox/notifications.ts";

const start = async () => {
  const service = await PushService.open();
  const folder = await temporaryDataFolder();
  const trusting = { NODE_EXTRA_CA_CERTS: fileOf("first.crt") };
  const running = await startGatepost(folder.path, ["--allow-private-targets"], trusting);
  const stop = async () => {
    await running.stop();
    await folder.remove();
    await service.close();
  };
  return { ...running, service, stop };
};

notifications("one machine", start, { isHttps: false });
