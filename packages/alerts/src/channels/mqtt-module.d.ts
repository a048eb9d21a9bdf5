import type { MqttLibrary } from "./mqtt-client.ts";

// The types of libraries are not checked: there is nothing here but the module's form.
declare const library: MqttLibrary;
export default library;
