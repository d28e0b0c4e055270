/** Makes a folder one process's own, by a lock of the kernel's that ends with that process however it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/domain/errors.ts";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";

/** A runner that was killed a moment ago still has helpers that are about to notice. */
const PATIENCE_SECONDS = 5;

/** Locks the folder; throws WORKSPACE_FAILED when another process has it. Returns what releases it. */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, "lock");
  await writeFile(file, "", { flag: "a" });
  const hold = ["sh", "-c", "echo ready; read -r _ || :"];
  const child = spawn("flock", ["--timeout", `${PATIENCE_SECONDS}`, "--no-fork", file, ...hold], {
    cwd: "/",
    env: OUTER_ENVIRONMENT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => child.stdin.destroy());
  const exited = once(child, "exit");
  const isMine = await Promise.race([once(child.stdout, "data").then(() => true), exited.then(() => false)]);
  if (!isMine) {
    const sentence = `${folder} belongs to another runner that is at work: stop it, or give this one a folder of its own`;
    throw new UserError("WORKSPACE_FAILED", sentence);
  }
  return async () => {
    child.stdin.end();
    await exited;
  };
}
