import { defineConfig } from "vite";

const server = "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic" },
  build: {
    target: ["chrome123", "firefox128", "safari17.5"],
    // The content security policy allows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: true,
    rollupOptions: {
      onwarn: (warning, tell) => {
        // "use client" marks modules for servers that render React; there is none here.
        if (warning.code !== "MODULE_LEVEL_DIRECTIVE") tell(warning);
      },
    },
  },
  server: { host: "127.0.0.1", proxy: { "/api": { target: server, changeOrigin: false } } },
});
