/** What a runner's own programs get of its environment. */

/** Node hands this variable on to every child that is not explicitly refused it. */
export const NOT_HANDED_ON = { NODE_V8_COVERAGE: undefined };

/** All that the processes before a sandbox, and git, get from the runner's environment. */
export const OUTER_ENVIRONMENT = {
  ...NOT_HANDED_ON,
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};
