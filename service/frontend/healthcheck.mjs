// Exit 0 when the page's server answers, for the container's healthcheck: no curl, no heavy import.
import { get } from "node:http";

const port = process.env.PORT ?? "3000";
const request = get({ host: "127.0.0.1", port, path: "/healthz", timeout: 3_000 }, (response) => {
  response.resume();
  if (response.statusCode === 200) process.exit(0);
  fail(`/healthz answered ${response.statusCode}`);
});
request.on("timeout", () => fail("/healthz did not answer within 3 s"));
request.on("error", (error) => fail(error.message));

function fail(reason) {
  process.stderr.write(`unhealthy: ${reason}\n`);
  process.exit(1);
}
