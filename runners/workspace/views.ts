/** How views are made on this machine: by overlay where it may mount, by plain copies elsewhere. */
import type { View } from "../sandbox/view.ts";
import type { Layer } from "./workspace.ts";

/** Uid and gid of the files of views and of what runs in them. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Makes views; one implementation a way of making them. */
export interface Views {
  /** `overlay, 1 GiB each` or `copies, disk: unlimited`. */
  readonly description: string;
  readonly owner: Owner;
  /** A view of the layers, lowest first. */
  open(layers: readonly Layer[], expose: readonly string[]): Promise<View>;
  /** Says what most views will expose, so that what is prepared for them exposes it already. */
  prepareFor(expose: readonly string[]): void;
  /** The same view with more host paths exposed; they go when the view does. */
  expose(view: View, paths: readonly string[]): Promise<View>;
  /** Copies what was added to a view of `below` into `folder`, without what it deleted or replaced. */
  takeAdded(view: View, below: readonly Layer[], folder: string): Promise<void>;
  /** Lets go what was prepared for views; those that are open stay. */
  close(): Promise<void>;
}

/** Put in front of an argv, by root, to start it as this owner without other groups or rights. */
export function asOwner({ uid, gid }: Owner): readonly string[] {
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", "--"];
}
