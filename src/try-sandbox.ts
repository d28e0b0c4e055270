/** Starts real sandboxes in a folder of their own, beside the runner's, and says what they are like. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxDriver } from "../runners/sandbox/sandbox.ts";
import { createSandbox } from "../runners/sandbox/select-sandbox.ts";
import { openWorkspaces } from "../runners/workspace/git-workspaces.ts";
import type { Workspaces } from "../runners/workspace/workspace.ts";
import type { SandboxReport } from "./cli/doctor-machine.ts";
import type { Config } from "./config.ts";
import { runnerConfigFrom } from "./runner-config.ts";

/** Nothing is committed or pushed. */
const NOBODY = { id: 0, login: "doctor" };

/** Reads the properties back; `path` is where toolchains are looked for. */
export async function trySandbox(config: Config, path: string): Promise<SandboxReport> {
  // On the same disk as the runner's folder, whose kind decides what views can be.
  await mkdir(config.dataFolder, { recursive: true });
  const folder = await mkdtemp(join(config.dataFolder, "doctor-"));
  try {
    const runner = { ...runnerConfigFrom(config, NOBODY), folder };
    const driver = await createSandbox(runner, { path });
    const workspaces = await openWorkspaces(runner);
    try {
      return await reportOn(driver, workspaces);
    } finally {
      await workspaces.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOn(driver: SandboxDriver, workspaces: Workspaces): Promise<SandboxReport> {
  const view = await workspaces.openEmptyView(driver.exposes);
  try {
    const properties = await driver.probe(view);
    return { driver: driver.name, isolates: driver.isolates, views: workspaces.describe(), properties };
  } finally {
    await view.dispose();
  }
}
