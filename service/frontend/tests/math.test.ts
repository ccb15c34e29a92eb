import { describe, expect, it } from "vitest";
import { closedMath, holdsMath, normalMath } from "@/lib/chat/math";

describe("mathematics in an answer", () => {
  it.each([
    ["\\(x^2\\) is even", "$$x^2$$ is even"],
    ["where $a+b$ and $c$.", "where $$a+b$$ and $$c$$."],
    ["see \\[ x = 1 \\] here", "see $$x = 1$$ here"],
    ["\\[\nx = 1\n\\]", "$$\nx = 1\n$$"],
    ["  \\[ x = 1 \\]", "  $$\n  x = 1\n  $$"],
    ["so $$x$$ and", "so $$x$$ and"],
    ["so\n\n$$ x = 1 $$\n", "so\n\n$$\nx = 1\n$$\n"],
    ["   $$x$$", "   $$\n   x\n   $$"],
    ["\\(x\\)", "$$x$$"],
    ["$$\n\\frac{1}{2}\n$$", "$$\n\\frac{1}{2}\n$$"],
  ])("%j is read as %j", (source, expected) => {
    expect(normalMath(source)).toBe(expected);
    expect(holdsMath(source)).toBe(true);
  });

  it.each([
    "It costs $5 and $10, no more.",
    "From $5 to $6: a $ is a dollar",
    "\\$x$ is escaped",
    "a $ b $ c",
    "`$x$` and ``a ` $y$``",
    "```sh\necho $HOME $PATH$\n```",
    "~~~\n\\[ x \\]\n~~~",
    "```\nstill open \\(x\\)",
    "[a](b) (c) [d]",
  ])("%j holds none", (source) => {
    expect(normalMath(source)).toBe(source);
    expect(holdsMath(source)).toBe(false);
  });

  it("is found beside code", () => {
    expect(normalMath("`$a$` $b$\n```\n$c$\n```\n$d$")).toBe("`$a$` $$b$$\n```\n$c$\n```\n$$d$$");
  });

  it("that has not come to its end is left until it has", () => {
    expect(normalMath("so \\(x^2")).toBe("so \\(x^2");
  });

  it("is left away while it is being written, but not a text that only looks like it", () => {
    expect(closedMath("so $$x$$ and $$\\frac{1}")).toBe("so $$x$$ and ");
    expect(closedMath("so $$x$$ and")).toBe("so $$x$$ and");
    const shell = `$$ is the process ${"and so on ".repeat(80)}`;
    expect(closedMath(shell)).toBe(shell);
  });

  it("costs no more than the length of the text", () => {
    const began = performance.now();
    normalMath("$ ".repeat(50_000) + "`".repeat(5_000) + "\\[ ".repeat(5_000));
    normalMath(`\n$$${"x ".repeat(50_000)}`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
