/** Limits of the instance, all on by default. */
import { z } from "zod";

export const Limits = z.strictObject({
  /** Rejected or fruitless sessions before a person is asked. */
  attempts: z.number().int().positive().default(5),
  /** Rejections of one profile before the next stronger one takes over. */
  "step-up-after": z.number().int().positive().default(3),
  /** Minutes one run of an agent program may take. */
  "turn-minutes": z.number().positive().default(30),
  /** Minutes one session may take, set-up included. */
  "session-minutes": z.number().positive().default(120),
});
export type Limits = z.infer<typeof Limits>;
