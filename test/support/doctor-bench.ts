/** `steward doctor` as a process in a folder of its own, with a good set-up that a test spoils in one place. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../demo/free-port.ts";
import { type Ended, runSteward } from "./run-steward.ts";

/** What `doctor` and the set-up around it need. */
export interface DoctorBench {
  readonly folder: string;
  readonly port: number;
  /** The variables of the good set-up. */
  readonly variables: Readonly<Record<string, string>>;
  run(words: readonly string[], spoilt?: NodeJS.ProcessEnv): Promise<Ended>;
  close(): Promise<void>;
}

/** Never to be seen in what is printed. */
export const BENCH_SECRETS = { webhook: "webhook-secret-of-the-bench", model: "model-key-of-the-bench" } as const;

/** A folder and variables for an instance on this server. */
export async function openDoctorBench(giteaUrl: string, token: string): Promise<DoctorBench> {
  const folder = await mkdtemp(join(tmpdir(), "steward-doctor-"));
  const port = await freePort();
  const config = join(folder, "steward.yml");
  await writeFile(config, "runner: { disk-mebibytes: 64 }\n");
  const variables = {
    GITEA_URL: giteaUrl,
    GITEA_TOKEN: token,
    GITEA_WEBHOOK_SECRET: BENCH_SECRETS.webhook,
    ANTHROPIC_API_KEY: BENCH_SECRETS.model,
    PORT: `${port}`,
    STEWARD_DATA: join(folder, "data"),
    STEWARD_CONFIG: config,
  };
  return {
    folder,
    port,
    variables,
    run: (words, spoilt = {}) => runSteward(words, folder, { ...variables, ...spoilt }),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The lines that say that something is not well, with single spaces. */
export function complaints({ output }: Ended): readonly string[] {
  return output
    .split("\n")
    .filter((line) => /^(?:FAIL|warn) /.test(line))
    .map((line) => line.replace(/ {2,}/g, " "));
}
