/** A runner's part of the configuration. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import type { RunnerConfig } from "../runners/runner-config.ts";
import type { Config } from "./config.ts";
import { bytesFrom } from "./config-file.ts";
import type { Account } from "./ports/forge.ts";

/** What this process needs to be a runner that works as `self`. */
export function runnerConfigFrom(config: Config, self: Account): RunnerConfig {
  const { runner } = config.file;
  return {
    id: `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`,
    slots: runner.slots,
    labels: runner.labels,
    sandbox: runner.sandbox,
    allowUnsandboxed: config.environment.STEWARD_ALLOW_UNSANDBOXED === "yes",
    egress: runner.egress,
    tools: runner.tools,
    folder: join(config.dataFolder, "runner"),
    forge: {
      token: config.environment.GITEA_TOKEN,
      login: self.login,
      email: `${self.login}@${new URL(config.environment.GITEA_URL).hostname}`,
    },
    endpoints: config.endpoints,
    limits: {
      memoryBytes: bytesFrom(runner["memory-mebibytes"]),
      processes: runner.processes,
      cpus: runner.cpus,
      diskBytes: bytesFrom(runner["disk-mebibytes"]),
      outputBytes: bytesFrom(runner["output-mebibytes"]),
    },
  };
}
