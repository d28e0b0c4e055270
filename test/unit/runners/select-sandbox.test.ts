/** The choice of a sandbox fails closed: what does not isolate is never chosen by itself. */
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { selectSandbox } from "../../../runners/sandbox/select-sandbox.ts";
import { openPlainView } from "../../support/plain-view.ts";

const CONFIG = { tools: [], allowUnsandboxed: false };
const SELECTION = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: "/nonexistent", openView: openPlainView };

test("auto chooses bubblewrap after its probe passed", async () => {
  const driver = await selectSandbox({ ...CONFIG, sandbox: "auto" }, SELECTION);
  expect({ name: driver.name, isolates: driver.isolates }).toEqual({ name: "bubblewrap", isolates: true });
});

test.each(["auto", "bubblewrap"] as const)(
  "%s refuses where the probe fails, says what failed and the way out",
  async (sandbox) => {
    const openView = async (expose: readonly string[]) => {
      const view = await openPlainView(expose);
      return { ...view, path: `${view.path}/missing` };
    };
    const chosen = selectSandbox({ ...CONFIG, sandbox }, { ...SELECTION, openView });
    await expect(chosen).rejects.toMatchObject({
      code: "SANDBOX_UNAVAILABLE",
      message: expect.stringMatching(/could not start.*steward doctor/s),
    });
  },
);

test("the host is refused until the operator insists in two places", async () => {
  await expect(selectSandbox({ ...CONFIG, sandbox: "host" }, SELECTION)).rejects.toMatchObject({
    ...{ name: "UserError", code: "SANDBOX_UNAVAILABLE" },
    message: expect.stringContaining("STEWARD_ALLOW_UNSANDBOXED=yes"),
  });
  const driver = await selectSandbox({ ...CONFIG, sandbox: "host", allowUnsandboxed: true }, SELECTION);
  expect({ name: driver.name, isolates: driver.isolates }).toEqual({ name: "host", isolates: false });
});

test("the view that was probed is disposed of", async () => {
  let disposals = 0;
  const openView = async (expose: readonly string[]) => {
    const view = await openPlainView(expose);
    const dispose = async () => {
      disposals += 1;
      await view.dispose();
    };
    return { ...view, dispose };
  };
  await selectSandbox({ ...CONFIG, sandbox: "auto" }, { ...SELECTION, openView });
  expect(disposals).toBe(1);
});
