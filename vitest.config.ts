/** How the suites run: plain Node modules in child processes, so that tests and the bot they start are measured by the same V8 coverage. */
import { defineConfig } from "vitest/config";

/** The machines this is meant for have two cores, and most suites start real servers. */
const MAX_WORKERS = 2;
/** Tests of one file that run at once where they say so: worlds that live through faults mostly wait. */
const MAX_CONCURRENCY = 3;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/fixtures/**", "node_modules/**"],
    environment: "node",
    pool: "forks",
    maxWorkers: MAX_WORKERS,
    maxConcurrency: MAX_CONCURRENCY,
    experimental: { viteModuleRunner: false, nodeLoader: false },
    setupFiles: ["test/support/take-coverage.ts"],
    testTimeout: 60_000,
    hookTimeout: 240_000,
    teardownTimeout: 60_000,
  },
});
