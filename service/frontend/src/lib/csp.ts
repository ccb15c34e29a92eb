interface PolicyInputs {
  nonce: string;
  apiOrigin: string | null;
  /** The development server evaluates code to keep source positions. */
  development: boolean;
}

/**
 * The Content-Security-Policy of a page.
 *
 * Scripts run by nonce only (`strict-dynamic` passes it on to the chunks they load). Styles come
 * from files. Images are the page's own, so a model's answer can't call home by an image address.
 */
export function contentSecurityPolicy({ nonce, apiOrigin, development }: PolicyInputs): string {
  const api = apiOrigin === null ? "" : ` ${apiOrigin}`;
  const directives = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${development ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    `img-src 'self' blob: data:${api}`,
    `connect-src 'self'${api}`,
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ];
  return directives.join("; ");
}
