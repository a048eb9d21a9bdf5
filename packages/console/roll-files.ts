import type { Plugin, Rolldown } from "vite";

/** What a page with nothing but an evacuation list loads: the first script, a page of the list, and either language. */
const first = "index.html";
const loadedBy = ["src/rolls/warden.tsx", "src/rolls/kept-page.tsx", "src/words/en.ts", "src/words/zh.ts"];

/** Lists the files of the evacuation list in the service worker, which keeps them: see worker/sw.ts. */
export function listRollFiles(): Plugin {
  return {
    name: "roll-files",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const outputs = Object.values(bundle);
        const chunks = outputs.filter((output) => output.type === "chunk");
        const worker = chunks.find(({ name }) => name === "sw");
        const styles = outputs.map(({ fileName }) => fileName).filter((name) => name.endsWith(".css"));
        const files = [...filesOf(chunks), ...styles].map((name) => `./${name}`);
        if (worker === undefined || !worker.code.includes("rollFiles")) throw new Error("no worker takes the files");
        worker.code = `const rollFiles=${JSON.stringify(files)};${worker.code}`;
      },
    },
  };
}

/** The scripts that the modules are in, and those that these import. The first one is first. */
function filesOf(chunks: readonly Rolldown.OutputChunk[]): Set<string> {
  const files = new Set<string>();
  const add = (name: string) => {
    if (files.has(name)) return;
    files.add(name);
    for (const imported of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) add(imported);
  };
  for (const module of [first, ...loadedBy]) {
    const chunk = chunks.find(({ moduleIds, facadeModuleId }) =>
      [facadeModuleId, ...moduleIds].some((id) => id?.endsWith(`/${module}`)),
    );
    if (chunk === undefined) throw new Error(`no script has ${module}`);
    add(chunk.fileName);
  }
  return files;
}
