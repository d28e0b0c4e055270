/** One account is heard only so often within an hour; others are heard all the same. */
import { expect, test } from "vitest";
import { type Brake, brakeAfter, HEARD_AN_HOUR } from "../../../src/domain/brake.ts";

const HOUR_MS = 3_600_000;

function outcomes(times: number, account: number, now: number, before?: Brake) {
  let brake = before;
  const said = Array.from({ length: times }, () => {
    const after = brakeAfter(brake, account, now);
    brake = after.brake;
    return after.outcome;
  });
  return { brake, said };
}

test("who writes without end is obeyed so often, told once, and then ignored", () => {
  const { said } = outcomes(HEARD_AN_HOUR + 3, 7, 0);
  expect(said.slice(0, HEARD_AN_HOUR).every((outcome) => outcome === "obey")).toBe(true);
  expect(said.slice(HEARD_AN_HOUR)).toEqual(["tell", "ignore", "ignore"]);
});

test("others are heard meanwhile, and everybody is after the hour", () => {
  const { brake } = outcomes(HEARD_AN_HOUR + 1, 7, 0);
  expect(brakeAfter(brake, 8, HOUR_MS - 1).outcome).toBe("obey");
  expect(brakeAfter(brake, 7, HOUR_MS - 1).outcome).toBe("ignore");
  expect(brakeAfter(brake, 7, HOUR_MS).outcome).toBe("obey");
});

test("accounts without number are braked together", () => {
  let brake: Brake | undefined;
  for (let account = 1; account <= 100; account += 1) brake = brakeAfter(brake, account, 0).brake;
  expect(brakeAfter(brake, 1, 1).outcome).toBe("obey");
  const after = brakeAfter(brake, 101, 1);
  expect(after.outcome).toBe("ignore");
  expect(after.brake.heard).toHaveLength(100);
});
