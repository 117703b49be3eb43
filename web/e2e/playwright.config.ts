// One story in Debian's Chromium against a running server: STOA_URL is its address, STOA_SETUP its set-up link.
import { defineConfig } from "@playwright/test";

const url = process.env["STOA_URL"];
if (url === undefined) throw new Error("set STOA_URL to the address of a fresh server, and STOA_SETUP to its set-up link");

export default defineConfig({
  testDir: ".",
  outputDir: "out",
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 420_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    baseURL: url,
    browserName: "chromium",
    contextOptions: { reducedMotion: "reduce" },
    viewport: { width: 1280, height: 800 },
    trace: "off",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env["STOA_CHROMIUM"] ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-quic", "--disable-gpu", "--disable-dev-shm-usage"],
    },
  },
});
