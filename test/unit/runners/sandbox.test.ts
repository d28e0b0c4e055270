/** All sandbox drivers against what the port promises. */
import { dirname } from "node:path";
import { describe, expect, test } from "vitest";
import { createBubblewrapSandbox } from "../../../runners/sandbox/bubblewrap-sandbox.ts";
import { openGroupHierarchy } from "../../../runners/sandbox/group-hierarchy.ts";
import { createHostSandbox } from "../../../runners/sandbox/host-sandbox.ts";
import { createSimulatedSandbox } from "../../../runners/sandbox/simulated-sandbox.ts";
import { describeSandbox } from "../../contract/sandbox.ts";
import { describeSandboxIsolation } from "../../contract/sandbox-isolation.ts";
import { describeSandboxProcesses } from "../../contract/sandbox-processes.ts";

/** The system's programs and our own Node: a plain view cannot expose what lies in a closed home folder. */
const SEARCH = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: "/nonexistent" };

const limitsMemory = openGroupHierarchy() !== undefined;

/** Making a driver asks programs for their versions; one for all tests is enough. */
function once<T>(create: () => Promise<T>): () => Promise<T> {
  const made = create();
  return () => made;
}

describe("the bubblewrap driver", () => {
  const create = once(() => createBubblewrapSandbox({ tools: [] }, SEARCH));
  describeSandbox(create);
  describeSandboxProcesses(create, limitsMemory);
  describeSandboxIsolation(create);

  test("names what decides a result besides the files, the same each time", async () => {
    const { toolchain } = await createBubblewrapSandbox({ tools: [] }, SEARCH);
    expect(toolchain).toBe((await create()).toolchain);
    expect(toolchain).toContain(`node: ${process.version}`);
  });
});

describe("the bubblewrap driver where no control group can be made", () => {
  const create = once(() => createBubblewrapSandbox({ tools: [] }, SEARCH, () => undefined));
  describeSandbox(create);
  describeSandboxProcesses(create, false);
  describeSandboxIsolation(create);
});

describe("the host driver", () => {
  const create = once(() => createHostSandbox({ tools: [] }, SEARCH));
  describeSandbox(create);
  if (limitsMemory) describeSandboxProcesses(create, true);
});

describe("the simulated driver", () => {
  describeSandbox(async () => createSimulatedSandbox());
});
