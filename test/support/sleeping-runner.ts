/** A process of its own that runs one sleeping sandbox, to be killed. */
import { dirname } from "node:path";
import { createBubblewrapSandbox } from "../../runners/sandbox/bubblewrap-sandbox.ts";
import { openBench } from "./sandbox-bench.ts";

const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
const bench = await openBench(await createBubblewrapSandbox({ tools: [] }, { path, home: "/nonexistent" }));
await bench.run(["sleep", process.argv[2] ?? "60"]);
