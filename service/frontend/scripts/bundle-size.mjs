// Print what a browser fetches for the chat page before the first message, gzipped, and fail above
// the budget. Run after `next build`: starts the built server on a free port and reads its HTML.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 250;

const port = await freePort();
const server = spawn(process.execPath, [".next/standalone/server.js"], {
  env: { ...process.env, PORT: String(port), HOSTNAME: "127.0.0.1" },
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  const html = await fetchWhenUp(`http://127.0.0.1:${port}/chat`);
  // Browsers of this decade skip `nomodule` scripts.
  const modern = html.replace(/<script[^>]*\bnomodule\b[^>]*>/gi, "");
  const scripts = filesIn(modern, /src="\/(_next\/static\/[^"]+\.js)"/g);
  const styles = filesIn(html, /href="\/(_next\/static\/[^"]+\.css)"/g);
  report("HTML", gzipSync(html).length);
  report("styles", total(styles));
  report("scripts", total(scripts));
  const kilobytes = total(scripts) / 1000;
  if (kilobytes > BUDGET_KB) throw new Error(`scripts exceed the budget of ${BUDGET_KB} kB`);
} finally {
  server.kill();
}

function filesIn(html, pattern) {
  return [...new Set([...html.matchAll(pattern)].map((match) => match[1]))];
}

function total(files) {
  const sizes = files.map((file) => gzipSync(readFileSync(file.replace("_next", ".next"))).length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

function report(name, bytes) {
  process.stdout.write(`${name.padEnd(8)}${(bytes / 1000).toFixed(1).padStart(7)} kB gzipped\n`);
}

async function fetchWhenUp(url) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
