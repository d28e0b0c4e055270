/** Which sandbox a runner uses. Where none isolates it refuses to start: there is no silent way down to no sandbox. */
import { UserError } from "../../src/domain/errors.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import type { RunnerConfig } from "../runner-config.ts";
import { createBubblewrapSandbox } from "./bubblewrap-sandbox.ts";
import { createHostSandbox } from "./host-sandbox.ts";
import type { SandboxDriver } from "./sandbox.ts";
import type { View } from "./view.ts";

/** What the choice needs besides the configuration. */
export interface SandboxSelection {
  /** PATH of the runner: toolchains on it are offered inside. */
  readonly path: string;
  /** Home folder of the runner's user; the system's answer when absent. */
  readonly home?: string;
  /** Opens an empty view with these host paths exposed, for the probe; it is disposed afterwards. */
  readonly openView: (expose: readonly string[]) => Promise<View>;
}

const WAY_OUT =
  "Run `steward doctor` for all checks; on a machine that holds nothing else, insist on `sandbox: host` in steward.yml with STEWARD_ALLOW_UNSANDBOXED=yes";

async function probed(driver: SandboxDriver, openView: SandboxSelection["openView"]): Promise<SandboxDriver> {
  const view = await openView(driver.exposes);
  const checks = await driver.probe(view).finally(() => view.dispose());
  const failed = checks.filter((check) => !check.ok).map((check) => `${check.name} (${check.detail})`);
  if (failed.length === 0) return driver;
  throw new UserError("SANDBOX_UNAVAILABLE", `${driver.name} does not isolate here: ${failed.join(", ")}. ${WAY_OUT}`);
}

function insistedOnHost({ allowUnsandboxed }: Pick<RunnerConfig, "allowUnsandboxed">): void {
  if (allowUnsandboxed) return;
  throw new UserError(
    "SANDBOX_UNAVAILABLE",
    "`sandbox: host` isolates nothing and is refused: confirm it with the variable STEWARD_ALLOW_UNSANDBOXED=yes, or choose `auto`",
  );
}

/** The driver for this configuration, not tried out yet; throws SANDBOX_UNAVAILABLE where there can be none. */
export async function createSandbox(
  config: Pick<RunnerConfig, "sandbox" | "allowUnsandboxed" | "tools">,
  search: Omit<SandboxSelection, "openView">,
): Promise<SandboxDriver> {
  switch (config.sandbox) {
    case "auto":
    case "bubblewrap":
      return createBubblewrapSandbox(config, search);
    case "host":
      insistedOnHost(config);
      return createHostSandbox(config, search);
    default:
      return assertNever(config.sandbox);
  }
}

/** The driver for this configuration, probed where it promises isolation; throws SANDBOX_UNAVAILABLE with the way out. */
export async function selectSandbox(
  config: Pick<RunnerConfig, "sandbox" | "allowUnsandboxed" | "tools">,
  { openView, ...search }: SandboxSelection,
): Promise<SandboxDriver> {
  const driver = await createSandbox(config, search);
  return driver.isolates ? probed(driver, openView) : driver;
}
