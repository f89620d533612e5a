import { connect, createServer, type Socket } from 'node:net';

/** What happens to the first message of a client that holds a text: it never arrives, or its answer never comes back. */
export type Loss = 'request' | 'reply';

/**
 * A wire to the server that breaks once, at a statement with a text in it: before the statement reaches the server, or when the server
 * has answered it; `forGood`, it takes no new connections then. Statements of one round trip come in one piece, which local sockets keep.
 */
export async function lossyWire(
  url: string,
): Promise<{ readonly url: string; lose(what: Loss, text: string, forGood?: boolean): void; close(): Promise<void> }> {
  const target = new URL(url);
  const port = Number(target.port || 5432);
  // A server that was found by its socket has a folder for a host.
  const folder = target.searchParams.get('host');
  const sockets = new Set<Socket>();
  let loss: { readonly what: Loss; readonly text: string; readonly forGood: boolean } | null = null;
  let broken = false;
  const server = createServer((near) => {
    if (broken) {
      near.on('error', () => {});
      near.resetAndDestroy();
      return;
    }
    const far = folder === null ? connect(port, target.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
    let deaf = false;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (bytes) => {
      if (loss !== null && bytes.includes(loss.text)) {
        const { what, forGood } = loss;
        broken = forGood;
        loss = null;
        if (what === 'request') {
          near.resetAndDestroy();
          return;
        }
        deaf = true;
      }
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      if (deaf) near.resetAndDestroy();
      else near.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = new URL(url);
  own.hostname = '127.0.0.1';
  own.searchParams.delete('host');
  own.port = String((server.address() as { readonly port: number }).port);
  return {
    url: own.href,
    lose: (what, text, forGood = false) => {
      loss = { what, text, forGood };
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
