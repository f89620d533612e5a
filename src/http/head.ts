import type { OutgoingHttpHeader, ServerResponse } from 'node:http';

/** What a response has in its head. */
export type Fields = ReadonlyMap<string, { readonly name: string; readonly value: OutgoingHttpHeader }>;

/** The fields of a response by their lower-case name. */
export function fieldsOf(response: ServerResponse): Fields {
  // In the spelling of the handler; responses of HTTP/2 know only lower case.
  const { getRawHeaderNames } = response as { readonly getRawHeaderNames?: () => string[] };
  const names = getRawHeaderNames?.call(response) ?? response.getHeaderNames();
  return new Map(names.map((name) => [name.toLowerCase(), { name, value: response.getHeader(name)! }]));
}

/** Field by field, what the arguments of `writeHead` say is put where `getHeader` finds it. */
export function applyHead(response: ServerResponse, status: number, rest: readonly unknown[]): void {
  response.statusCode = status;
  const [first, second] = rest;
  if (typeof first === 'string') response.statusMessage = first;
  const headers = typeof first === 'string' ? second : (first ?? second);
  if (headers === undefined || headers === null) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as object))
      if (value !== undefined) response.setHeader(name, value);
    return;
  }
  const pairs: [string, unknown][] = Array.isArray(headers[0])
    ? (headers as [string, unknown][])
    : headers.flatMap((name, i) => (i % 2 === 0 ? [[String(name), headers[i + 1]] as [string, unknown]] : []));
  // The first of a name takes the place of what was there, the others come beside it.
  const seen = new Set<string>();
  for (const [name, value] of pairs) {
    if (seen.has(name.toLowerCase())) response.appendHeader(name, value as string);
    else response.setHeader(name, value as string);
    seen.add(name.toLowerCase());
  }
}

/** Adds our member to `Cache-Status` (RFC 9211), behind those of caches nearer to the origin. */
export function markStatus(response: ServerResponse, parameters: string): void {
  if (response.headersSent) return;
  const own = `trivet; ${parameters}`;
  const others = String(response.getHeader('cache-status') ?? '')
    .split(/,\s*/)
    .filter((member) => member !== '' && !member.startsWith('trivet;'));
  response.setHeader('Cache-Status', [...others, own].join(', '));
}
