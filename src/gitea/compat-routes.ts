/** All routes that differ between GitHub and Gitea. */
import type { Route } from "./compat-call.ts";

/** The first that fits is taken. */
export const COMPAT_ROUTES: readonly Route[] = [];
