/** The keys that sign the status comment's marker: the operator's, or one that is made once and kept in the data folder. */
import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "./config.ts";
import { errorCode } from "./lib/error-code.ts";

const KEY_BYTES = 32;

/** Where the key is kept that no operator gave. */
export function markerKeyFile(config: Config): string {
  return join(config.dataFolder, "steward.key");
}

/** The newest first; makes the kept one where it is missing. */
export async function ensureMarkerKeys(config: Config): Promise<readonly string[]> {
  const given = config.environment.STEWARD_KEY;
  if (given !== undefined) return given.split(",");
  const file = markerKeyFile(config);
  await mkdir(config.dataFolder, { recursive: true });
  await writeFile(file, randomBytes(KEY_BYTES).toString("hex"), { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
    const exists = errorCode(error) === "EEXIST";
    if (!exists) throw error;
  });
  return [await readFile(file, "utf8")];
}
