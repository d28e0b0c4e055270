/** Defaults and bounds of what a repository may ask. */

/** A gate that names no `timeout-minutes`. */
export const DEFAULT_GATE_MINUTES = 15;
/** A set-up that names no `timeout-minutes`; it downloads. */
export const DEFAULT_SETUP_MINUTES = 30;
/** GitHub's own limit of a job. */
export const MAX_MINUTES = 360;
/** Gates of one repository; each has a sandbox of its own. */
export const MAX_GATES = 50;
/** A longer rules file is none. */
export const MAX_RULES_LENGTH = 64_000;
