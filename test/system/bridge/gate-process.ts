import { Album, Gate, versions } from "@gatepost/simulator";

/**
 * A simulated box in a separate process, to be killed. Its arguments are its name, its version, the file of its people,
 * its port, the URL for its reports, and the number of strangers that pass.
 */
const [name = "", firmware, file = "", port = "", url = "", strangers = "0"] = process.argv.slice(2);
const version = versions.find((one) => one === firmware);
if (version === undefined) throw new Error(`no box has the firmware ${firmware}`);

const album = await Album.draw(1, { looks: 2, scale: 0.05 });
const at = { port: Number(port), url: new URL(url) };
const seed = 3;
const gate = await Gate.open({ name, version, seed, album, file, ...at });
process.on("SIGTERM", () => void gate.close());
process.stdout.write("ready\n");
for (let passed = 0; passed < Number(strangers); passed++) gate.stranger();
