/** A command that asks a model by the OpenAI protocol, to be pasted into a shell. */
export function curlExample(baseUrl: string, model: string): string {
  const body = { model, messages: [{ role: "user", content: "Hello!" }] };
  return [
    `curl ${baseUrl}/chat/completions`,
    '-H "Authorization: Bearer YOUR_KEY"',
    '-H "Content-Type: application/json"',
    // A single quote would end the shell's; JSON may write it by its number.
    `-d '${JSON.stringify(body).replaceAll("'", "\\u0027")}'`,
  ].join(" \\\n  ");
}
