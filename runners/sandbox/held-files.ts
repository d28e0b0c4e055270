/** Small files without a name, held by a descriptor: each spawn gets a reading end of its own and nothing is left on disk. */
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file's content, to be read by programs that are given a descriptor. */
export interface HeldFile {
  /** A descriptor at the start of the content; the caller closes it. */
  open(): number;
}

/** Holds this content for as long as the process lives. */
export function holdFile(content: Buffer | string): HeldFile {
  const folder = mkdtempSync(join(tmpdir(), "steward-file-"));
  try {
    const path = join(folder, "content");
    writeFileSync(path, content);
    const held = openSync(path, constants.O_RDONLY);
    return { open: () => openSync(`/proc/self/fd/${held}`, constants.O_RDONLY) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs `use` with a descriptor of each file, and closes them after it. */
export function withDescriptors<T>(files: readonly HeldFile[], use: (descriptors: readonly number[]) => T): T {
  const descriptors: number[] = [];
  try {
    for (const file of files) descriptors.push(file.open());
    return use(descriptors);
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
}
