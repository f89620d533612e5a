import type { IncomingMessage, ServerResponse } from 'node:http';
import { conditionsOf, isHad, isOfBody } from './conditions.js';
import { type Fields, fieldsOf, markStatus } from './head.js';
import { ageNow, fieldOf, type StoredAnswer } from './stored.js';

const HAVE_NO_BODY: ReadonlySet<number> = new Set([204, 304]);

/** Sends a stored answer, or says that the client has it already. */
export function answerFrom(
  request: IncomingMessage,
  response: ServerResponse,
  stored: StoredAnswer,
  status: string,
): void {
  const { headers, removed, body } = stored;
  for (const name of removed) response.removeHeader(name);
  for (const [name, value] of headers) response.setHeader(name, value as string | string[]);
  // It is sent whole, with its length.
  response.removeHeader('Transfer-Encoding');
  response.setHeader('Age', Math.floor(ageNow(stored) / 1_000));
  markStatus(response, status);
  const etag = fieldOf(stored, 'etag');
  if (stored.status === 200 && isHad(conditionsOf(request.headers), etag, fieldOf(stored, 'last-modified'))) {
    sendNotModified(response);
    return;
  }
  response.statusCode = stored.status;
  if (HAVE_NO_BODY.has(stored.status)) {
    response.removeHeader('Content-Length');
    response.end();
    return;
  }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  response.setHeader('Content-Length', bytes.byteLength);
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Says that the client has what it asks for. */
export function sendNotModified(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) if (isOfBody(name)) response.removeHeader(name);
  response.removeHeader('Transfer-Encoding');
  response.statusCode = 304;
  clearMessage(response);
  response.end();
}

/** Puts a head back to what it was before a handler. */
export function resetHead(response: ServerResponse, before: Fields): void {
  for (const name of fieldsOf(response).keys()) if (!before.has(name)) response.removeHeader(name);
  for (const { name, value } of before.values()) response.setHeader(name, value);
  clearMessage(response);
}

/** The words beside a status are the handler's; HTTP/2 has none, and complains. */
export function clearMessage(response: ServerResponse): void {
  if (response.req.httpVersionMajor === 1) response.statusMessage = '';
}

/** What a cache says that has nothing, and may not ask the handler (RFC 9111, 5.2.1.7). */
export function answerNothing(response: ServerResponse, status: string): void {
  markStatus(response, status);
  response.statusCode = 504;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Length', 0);
  response.end();
}
