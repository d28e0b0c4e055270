/** Which sandbox this machine can give the demo. */
import { spawn } from "node:child_process";

export interface SandboxFound {
  readonly driver: "auto" | "host";
  /** What is used, for people. */
  readonly sentence: string;
}

/** Bubblewrap where it starts; else `host`, and it is said. */
export async function findSandbox(): Promise<SandboxFound> {
  const works = await exitsWell("bwrap", ["--unshare-all", "--ro-bind", "/", "/", "true"]);
  if (works) return { driver: "auto", sentence: "agents and gates run in bubblewrap sandboxes" };
  return {
    driver: "host",
    sentence: "bubblewrap cannot be had here: agents and gates run on this host WITHOUT a sandbox",
  };
}

async function exitsWell(command: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(command, args, { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}
