/** Gate results that are kept, so that verifying the same tree twice runs nothing twice. Only passed and failed ones are. */
import type { GateResult } from "../../src/domain/verdict.ts";

/** Results by the hash of all that decides them (`result-key.ts`). */
export interface KeptResults {
  /** The kept result; absent also where what was kept is none, as after a change of its form. */
  read(key: string): Promise<GateResult | undefined>;
  keep(key: string, result: GateResult): Promise<void>;
}
