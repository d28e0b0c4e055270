/** A view: one job's own copy-on-write copy of a checkout, and the mount namespace it lives in. */

export interface View {
  /** Where the files are, for processes started through `enter`. */
  readonly path: string;
  /** Put in front of an argv to start it where the view is mounted; empty where no mount namespace is used. */
  readonly enter: readonly string[];
  /** The same, and starts it as the owner of the files, without other groups or rights. */
  readonly enterAsOwner: readonly string[];
  /** Where each exposed host path can be reached in that namespace, also by the job's user. */
  readonly exposed: ReadonlyMap<string, string>;
  /** Uid and gid that own the files; the sandbox runs as them. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Ends it and all that is mounted in it; may be called twice. A killed runner leaves no mount behind either. */
  dispose(): Promise<void>;
}
