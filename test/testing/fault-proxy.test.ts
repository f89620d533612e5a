import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../../src/testing/index.js';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A server that answers each piece with `<piece>`; it notes what came and how its connections ended. */
async function echo() {
  const seen = { text: '', pieces: 0, ended: 0, closed: 0 };
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('data', (bytes) => {
      seen.text += bytes;
      seen.pieces += 1;
      socket.write(`<${bytes}>`);
    });
    socket.on('end', () => {
      seen.ended += 1;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      seen.closed += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return { seen, sockets, port: (server.address() as { readonly port: number }).port };
}

async function proxied(seed?: number) {
  const server = await echo();
  const proxy = await startFaultProxy({ host: '127.0.0.1', port: server.port }, { seed });
  open.push(() => proxy.close());
  return { ...server, proxy };
}

/** A client that notes what it gets. */
async function client(proxy: FaultProxy) {
  const got = { text: '', pieces: [] as string[], ended: false, error: null as string | null, closed: false };
  const waiting = new Set<() => void>();
  const socket = dial({ port: proxy.port, host: proxy.host, allowHalfOpen: true });
  const note = (change: () => void) => () => {
    change();
    for (const look of waiting) look();
  };
  socket.on('data', (bytes) => {
    got.text += bytes;
    got.pieces.push(String(bytes));
    note(() => {})();
  });
  socket.on(
    'end',
    note(() => {
      got.ended = true;
    }),
  );
  socket.on('error', (error: NodeJS.ErrnoException) => note(() => (got.error = error.code ?? 'error'))());
  socket.on(
    'close',
    note(() => {
      got.closed = true;
    }),
  );
  open.push(() => socket.destroy());
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { socket, got, until, send: (text: string) => socket.write(text) };
}

describe('a proxy without faults', () => {
  it('passes everything on, and the ends of both sides', async () => {
    const { proxy, seen } = await proxied();
    const { socket, got, until, send } = await client(proxy);
    send('one');
    await until(() => got.text === '<one>');
    socket.end();
    expect(proxy.counts).toMatchObject({ open: 1, accepted: 1, requests: 1, replies: 1, bytesToServer: 3 });
    await expect.poll(() => seen.ended).toBe(1);
  });

  it('passes megabytes unharmed in both directions', async () => {
    const { proxy, seen } = await proxied();
    const { got, until, send } = await client(proxy);
    const text = Array.from({ length: 400_000 }, (_, i) => String(i % 10)).join('');
    for (let i = 0; i < 10; i++) send(text);
    await until(() => got.text.replace(/[<>]/g, '').length === 4_000_000);
    expect(seen.text).toBe(text.repeat(10));
    expect(got.text.replace(/[<>]/g, '')).toBe(text.repeat(10));
  });
});

describe('a network with faults', () => {
  it('that cuts in slices delivers every byte, few at a time', async () => {
    const { proxy, seen } = await proxied();
    await proxy.set({ slice: 1 });
    const { got, until, send } = await client(proxy);
    send('abcdefghij');
    await until(() => got.text.replace(/[<>]/g, '') === 'abcdefghij');
    expect(seen.pieces).toBeGreaterThan(5);
    expect(Math.max(...got.pieces.map((piece) => piece.length))).toBeLessThanOrEqual(3);
  });

  it('that jitters keeps the order of the bytes', async () => {
    const { proxy, seen } = await proxied(7);
    await proxy.set({ delay: '1ms', jitter: '9ms' });
    const { got, until, send } = await client(proxy);
    const words = Array.from({ length: 40 }, (_, i) => `w${i},`);
    for (const word of words) send(word);
    await until(() => got.text.replace(/[<>]/g, '') === words.join(''));
    expect(seen.text).toBe(words.join(''));
  });

  it('that is a black hole delivers nothing, tells of no end, and delivers all when it heals', async () => {
    const { proxy, seen, sockets } = await proxied();
    const { got, until, send } = await client(proxy);
    send('before');
    await until(() => got.text === '<before>');
    await proxy.set({ blackHole: true });
    send('into the hole');
    for (const socket of sockets) socket.end();
    const other = await client(proxy);
    other.send('a new connection');
    await expect.poll(() => proxy.counts.requests).toBe(3);
    expect(seen.text).toBe('before');
    expect(got).toMatchObject({ text: '<before>', ended: false, closed: false });
    await proxy.heal();
    await until(() => got.ended);
    expect(seen.text).toContain('into the hole');
    await other.until(() => other.got.text === '<a new connection>');
  });

  it('of one direction only lets requests through and no replies', async () => {
    const { proxy, seen } = await proxied();
    await proxy.set({ blackHole: 'replies' });
    const { got, until, send } = await client(proxy);
    send('heard');
    await expect.poll(() => proxy.counts.replies).toBe(1);
    expect([seen.text, got.text]).toEqual(['heard', '']);
    await proxy.heal();
    await until(() => got.text === '<heard>');
  });

  it('that resets ends both sides at once', async () => {
    const { proxy, seen } = await proxied();
    const { got, until, send } = await client(proxy);
    send('x');
    await until(() => got.text === '<x>');
    proxy.reset();
    await until(() => got.closed);
    expect(got.error).toBe('ECONNRESET');
    await expect.poll(() => seen.closed).toBe(1);
    expect(proxy.counts.open).toBe(0);
  });

  it('that half-closes tells one side of an end, and still carries what that side sends', async () => {
    const { proxy, seen } = await proxied();
    const { got, until, send } = await client(proxy);
    send('x');
    await until(() => got.text === '<x>');
    proxy.halfClose('client');
    await until(() => got.ended);
    send('y');
    await expect.poll(() => seen.text).toBe('xy');
    expect(got.closed).toBe(false);
  });

  it('that refuses is as no server at all, until it heals; connections that are open go on', async () => {
    const { proxy } = await proxied();
    const first = await client(proxy);
    first.send('x');
    await first.until(() => first.got.text === '<x>');
    await proxy.set({ refuse: true });
    const second = await client(proxy);
    await second.until(() => second.got.closed);
    expect(second.got.error).toBe('ECONNREFUSED');
    first.send('y');
    await first.until(() => first.got.text === '<x><y>');
    await proxy.heal();
    const third = await client(proxy);
    third.send('z');
    await third.until(() => third.got.text === '<z>');
  });

  it('passes the loss of the server on: its reset as a reset', async () => {
    const { proxy, sockets } = await proxied();
    const { got, until, send } = await client(proxy);
    send('x');
    await until(() => got.text === '<x>');
    for (const socket of sockets) socket.resetAndDestroy();
    await until(() => got.closed);
    expect(got.error).toBe('ECONNRESET');
  });
});

describe('a message that is lost', () => {
  it('is the n-th request that holds the text: the server never sees it', async () => {
    const { proxy, seen } = await proxied();
    const lost = proxy.dropRequest({ holding: 'b', nth: 2 });
    const { got, until, send } = await client(proxy);
    for (const text of ['a1', 'b1', 'a2']) {
      send(text);
      await until(() => got.text.endsWith(`<${text}>`));
    }
    send('b2');
    await lost;
    await until(() => got.closed);
    expect(seen.text).toBe('a1b1a2');
    expect(got.error).toBe('ECONNRESET');
  });

  it('is the n-th reply: the server has seen the request, and the connection breaks', async () => {
    const { proxy, seen } = await proxied();
    const lost = proxy.dropReply({ nth: 2 });
    const { got, until, send } = await client(proxy);
    send('1');
    await until(() => got.text === '<1>');
    send('2');
    await lost;
    await until(() => got.closed);
    expect([seen.text, got.text]).toEqual(['12', '<1>']);
  });

  it('is lost in silence where that is asked for, and other connections go on', async () => {
    const { proxy, seen } = await proxied();
    const lost = proxy.dropReply({ holding: '1', silent: true });
    const first = await client(proxy);
    first.send('1');
    await lost;
    const second = await client(proxy);
    second.send('2');
    await second.until(() => second.got.text === '<2>');
    expect(first.got).toMatchObject({ text: '', ended: false, closed: false });
    expect(seen.text).toBe('12');
  });
});

describe('an address', () => {
  it('goes through the proxy with all its other parts', async () => {
    const { proxy } = await proxied();
    const { host, port } = proxy;
    expect(proxy.url('postgres://ann:s%40t@db.example:5433/app?sslmode=disable')).toBe(
      `postgres://ann:s%40t@${host}:${port}/app?sslmode=disable`,
    );
    expect(proxy.url('mongodb://db.example/app?replicaSet=rs')).toBe(
      `mongodb://${host}:${port}/app?directConnection=true`,
    );
  });

  it.skipIf(process.platform === 'win32')('may name a socket of this machine, as PostgreSQL has it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'socket-'));
    open.push(() => rmSync(folder, { recursive: true }));
    const server = createServer((socket) => socket.on('data', (bytes) => socket.write(`<${bytes}>`)));
    await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve));
    open.push(() => server.close());
    const url = `postgres://ann@localhost/app?host=${folder}`;
    const proxy = await startFaultProxy(url);
    open.push(() => proxy.close());
    expect(proxy.url(url)).toBe(`postgres://ann@${proxy.host}:${proxy.port}/app`);
    const { got, until, send } = await client(proxy);
    send('hello');
    await until(() => got.text === '<hello>');
    proxy.reset();
    await until(() => got.closed);
    expect(got.error).toBe('ECONNRESET');
  });

  it.each(['no address', 'mongodb+srv://ann:planted@cluster.example/app', 'http://example.org'])(
    'of no one server is refused, and not shown: %s',
    async (address) => {
      const error: Error = await startFaultProxy(address).then(
        () => expect.unreachable(),
        (reason) => reason,
      );
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).not.toContain('planted');
    },
  );
});

describe('PostgreSQL through it', () => {
  it('answers, and a reply that is lost was executed', async () => {
    const url = inject('postgresUrl');
    const proxy = await startFaultProxy(url);
    open.push(() => proxy.close());
    const far = new pg.Client(url);
    const near = new pg.Client(proxy.url(url));
    near.on('error', () => {});
    await Promise.all([far.connect(), near.connect()]);
    open.push(() => far.end());
    const lost = proxy.dropReply({ holding: 'pg_notify' });
    await far.query('listen trivet_fault_proxy');
    const notified = new Promise((resolve) => far.once('notification', resolve));
    await expect(near.query("select pg_notify('trivet_fault_proxy', 'done')")).rejects.toThrow(
      /Connection terminated|ECONNRESET/,
    );
    await lost;
    expect(await notified).toMatchObject({ payload: 'done' });
  });
});
