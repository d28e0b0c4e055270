/** A job's folder on the host for what its sandbox gets to see besides the view: sockets and the prompt. */
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The kernel takes socket paths of up to 107 bytes; the names in a job's folder are short. */
const LONGEST_FOLDER = 90;

/** The folder; removed with what is in it. */
export interface JobFolder extends AsyncDisposable {
  readonly path: string;
}

/** Makes a folder below the runner's, or in the system's temporary one where that would be too deep for a socket. */
export async function openJobFolder(runnerFolder: string): Promise<JobFolder> {
  const wanted = join(runnerFolder, "jobs", randomBytes(8).toString("hex"));
  const fits = Buffer.byteLength(wanted) <= LONGEST_FOLDER;
  const path = fits ? wanted : await mkdtemp(join(tmpdir(), "steward-job-"));
  await mkdir(path, { recursive: true, mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
