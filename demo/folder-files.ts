/** The files of a folder as texts by path, for making a repository of them. */
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** Every file below `folder`, `/` between the parts of its path. */
export async function folderFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return Object.fromEntries(paths.map((path, index) => [relative(folder, path), texts[index] ?? ""]));
}
