/** Which sandbox this machine can give the demo. */
import { loadConfig } from "../src/config.ts";
import { StewardError } from "../src/domain/errors.ts";
import { trySandbox } from "../src/try-sandbox.ts";

export interface SandboxFound {
  readonly driver: "auto" | "host";
  /** What is used, for people. */
  readonly sentence: string;
}

/** Bubblewrap where it isolates, tried out as a runner and `doctor` do; else `host`, and it is said. */
export async function findSandbox(folder: string, path: string): Promise<SandboxFound> {
  const fault = await faultOf(folder, path);
  if (fault === undefined) return { driver: "auto", sentence: "agents and gates run in bubblewrap sandboxes" };
  return {
    driver: "host",
    sentence: `bubblewrap cannot be had here (${fault}): agents and gates run on this host WITHOUT a sandbox`,
  };
}

async function faultOf(folder: string, path: string): Promise<string | undefined> {
  const nobody = { GITEA_URL: "http://127.0.0.1", GITEA_TOKEN: "none" };
  const config = loadConfig({ ...nobody, STEWARD_DATA: folder, STEWARD_CONFIG: "/dev/null" }, "runner");
  try {
    const { properties } = await trySandbox(config, path);
    const failed = properties.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
    return failed.length === 0 ? undefined : failed.join("; ");
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    return error.message;
  }
}
