import react from "@vitejs/plugin-react";
import { minifySync } from "rolldown/utils";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Make a chunk small that holds nothing of ours. */
function smallVendor(): Plugin {
  return {
    name: "small-vendor",
    renderChunk(code, chunk) {
      return chunk.name.startsWith("vendor") ? { code: minifySync(`${chunk.name}.js`, code, { module: true }).code } : null;
    },
  };
}

// The bundle is committed, so that a checkout runs without Node.js: names are stable and our own code is not
// minified, so that git can merge it; what comes from npm is.
export default defineConfig({
  base: "/editor/",
  plugins: [react(), smallVendor()],
  build: {
    outDir: "../flowengine/server/static",
    emptyOutDir: true,
    target: "es2022",
    minify: false,
    cssMinify: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "[name].js",
        assetFileNames: "[name][extname]",
        codeSplitting: {
          // What is always needed, and what only code fields need.
          groups: [
            { name: "vendor", test: /node_modules[\\/](react|react-dom|scheduler|@xyflow|zustand|classcat|use-sync-external-store|d3-\w+)[\\/]/ },
            { name: "vendor-code", test: /node_modules[\\/](codemirror|@codemirror|@lezer|style-mod|w3c-keyname|crelt)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/admin": { target: "http://127.0.0.1:8000", ws: true } } },
  test: { include: ["test/**/*.test.ts"], environment: "node" },
});
