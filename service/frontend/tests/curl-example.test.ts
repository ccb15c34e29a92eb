import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { curlExample } from "@/lib/curl-example";

/** What a shell makes of a command: the words that its program gets. */
function words(command: string): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  return execFileSync("sh", ["-c", script], { encoding: "utf8" }).split("\0").slice(0, -1);
}

describe("the example of a request", () => {
  it.each(["default", 'qwen\'s "own" $HOME `model` \\ 通义'])(
    "is one command, whatever the model is called: %s",
    (model) => {
      const [url, , key, , , , body] = words(curlExample("https://chat.test/v1", model));
      expect(url).toBe("https://chat.test/v1/chat/completions");
      expect(key).toBe("Authorization: Bearer YOUR_KEY");
      expect(JSON.parse(body ?? "")).toMatchObject({ model });
    },
  );
});
