/** How often Steward tries again what failed by no fault of the work, before a person is asked. */

/** A run whose runner was lost: machines are restarted, and come back. As often as Kubernetes starts a job anew (`backoffLimit`). */
export const LOST_RUN_RETRIES = 6;
/** A session that failed where it ran: the provider, the sandbox, the disk. */
export const FAILED_SESSION_RETRIES = 3;
/** A gate or an inspection that could not be carried out where it ran. */
export const FAILED_JOB_RETRIES = 2;
