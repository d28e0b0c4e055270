/** What the demo finds out about sandboxes on this machine, and says. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findSandbox } from "../../../demo/find-sandbox.ts";

const { PATH = "" } = process.env;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-found-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test("bubblewrap is used where a runner would use it, and what is missing is named where it would not", async () => {
  expect(await findSandbox(folder, PATH)).toMatchObject({ driver: "auto" });
  vi.stubEnv("PATH", folder);
  expect(await findSandbox(folder, PATH)).toEqual({
    driver: "host",
    sentence:
      "bubblewrap cannot be had here (bubblewrap is not installed: install the package `bubblewrap`): agents and gates run on this host WITHOUT a sandbox",
  });
});
