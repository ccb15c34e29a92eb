import { describe, expect, it } from "vitest";
import { passwordProblem } from "@/lib/passwords";

describe("a new password", () => {
  it.each([
    ["", "passwordMissing"],
    ["1234567", "passwordShort"],
    ["12345678", null],
    ["a".repeat(72), null],
    ["a".repeat(73), "passwordLong"],
    ["密码".repeat(12), null],
    ["密".repeat(25), "passwordLong"],
    ["🌱".repeat(7), "passwordShort"],
  ])("%j: %s", (password, problem) => {
    expect(passwordProblem(password)).toBe(problem);
  });
});
