import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Drainable, drainable } from '../../../examples/06-service/http/drainable.js';

const opened: Drainable[] = [];
afterEach(() => Promise.all(opened.splice(0).map(({ drain, server }) => server.listening && drain(1))));

async function listen(handler: (request: IncomingMessage, response: ServerResponse) => void) {
  const entrance = drainable(handler);
  opened.push(entrance);
  entrance.server.listen(0, '127.0.0.1');
  await once(entrance.server, 'listening');
  return { ...entrance, url: `http://127.0.0.1:${(entrance.server.address() as AddressInfo).port}` };
}

/** A handler whose answers are given by hand, and what waits for one. */
function held() {
  const waiting: ServerResponse[] = [];
  let came: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    came = resolve;
  });
  return {
    waiting,
    first,
    handler: (_: IncomingMessage, response: ServerResponse) => {
      waiting.push(response);
      came();
    },
  };
}

test('a request that is under way is answered, and what comes meanwhile is refused', async () => {
  const { handler, waiting, first } = held();
  const { url, drain, server } = await listen(handler);
  const slow = fetch(`${url}/slow`);
  await first;
  const drained = drain(60_000);

  const ready = await fetch(`${url}/readyz?from=balancer`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: 'fail', output: 'The process is ending' }]);
  const other = await fetch(`${url}/posts`);
  expect([other.status, other.headers.get('content-type'), other.headers.get('retry-after')]).toEqual([
    503,
    'application/problem+json',
    '1',
  ]);
  expect(waiting).toHaveLength(1);
  expect(server.listening).toBe(true);

  waiting[0]!.end('done');
  const answer = await slow;
  expect([answer.status, answer.headers.get('connection'), await answer.text()]).toEqual([200, 'close', 'done']);
  expect(await drained).toBe(0);
  expect(server.listening).toBe(false);
});

test('a server without a request closes, although a connection is kept alive', async () => {
  const { url, drain, server } = await listen((_, response) => response.end());
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const ended = once(socket, 'close');
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  expect(await drain(60_000)).toBe(0);
  await ended;
  expect(server.listening).toBe(false);
});

test('a request that is not answered by the deadline is cut, and counted', async () => {
  const { handler, first } = held();
  const { url, drain } = await listen(handler);
  const slow = fetch(url).catch((error: unknown) => error);
  await first;
  expect(await drain(1)).toBe(1);
  expect(await slow).toBeInstanceOf(TypeError);
});
