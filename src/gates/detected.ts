/** What a toolchain contributes to the detected gates. */

/** Texts of root files by name; a file that is not there is absent or `undefined`. */
export type RootFiles = Readonly<Record<string, string | undefined>>;

export interface Detected {
  /** Put before a gate's name where another toolchain has the same. */
  readonly toolchain: string;
  /** The file that says so. */
  readonly source: string;
  readonly gates: readonly { readonly name: string; readonly run: string }[];
  readonly setup: { readonly run: string; readonly cache: readonly string[] } | undefined;
}

/** Those of `names` that are there. */
export function presentFiles(files: RootFiles, names: readonly string[]): readonly string[] {
  return names.filter((name) => Object.hasOwn(files, name) && files[name] !== undefined);
}
