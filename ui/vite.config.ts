import { paraglideVitePlugin } from "@inlang/paraglide-js";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [
    paraglideVitePlugin({
      project: "./project.inlang",
      outdir: "./src/words/paraglide",
      strategy: ["globalVariable", "baseLocale"],
      outputStructure: "locale-modules",
    }),
    svelte(),
  ],
  clearScreen: false,
  // A fixed port, because the window of `tauri dev` looks there.
  server: { port: 5173, strictPort: true },
  worker: { format: "es" },
  build: {
    target: ["es2022", "safari16"],
    chunkSizeWarningLimit: 1024,
    assetsInlineLimit: 0,
    // The compiler of the messages takes its seconds; that is known and is no warning.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
