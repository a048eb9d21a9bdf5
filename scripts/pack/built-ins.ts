import type { Plugin } from "esbuild";

/**
 * Takes `node:http` as an object and not as a module: a module has all its exports at once, and `node:http` exports
 * WebSocket, for which Node loads its client of HTTP. That is a tenth of a command's start.
 */
export const lazyHttp: Plugin = {
  name: "lazy-http",
  setup(build) {
    build.onResolve({ filter: /^(?:node:)?http$/ }, () => ({ path: "http", namespace: "lazy-http" }));
    build.onLoad({ filter: /./, namespace: "lazy-http" }, () => ({
      contents: 'module.exports = process.getBuiltinModule("node:http");',
      loader: "js",
    }));
  },
};
