// The few parts of PostgreSQL's wire protocol (version 3) that stand between a driver and PGlite:
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const sslRequest = 80877103;
const gssRequest = 80877104;
const cancelRequest = 80877102;

/** What to say to a first message; one byte asks the client to go on without encryption, undefined ends the talk. */
export function startupReply(code: number, version: string): Buffer | undefined {
  if (code === sslRequest || code === gssRequest) return Buffer.from('N');
  if (code === cancelRequest) return undefined;
  const settings = {
    server_version: version,
    server_encoding: 'UTF8',
    client_encoding: 'UTF8',
    DateStyle: 'ISO, MDY',
    TimeZone: 'GMT',
    integer_datetimes: 'on',
    standard_conforming_strings: 'on',
  };
  return Buffer.concat([
    message('R', Buffer.alloc(4)),
    ...Object.entries(settings).map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`))),
    message('K', Buffer.alloc(8)),
    message('Z', Buffer.from('I')),
  ]);
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The complete messages at the start of `buffer`, and what is left. */
export function splitMessages(buffer: Buffer): { readonly messages: readonly Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = [];
  let start = 0;
  while (buffer.length - start >= 5) {
    const end = start + 1 + buffer.readInt32BE(start + 1);
    if (buffer.length < end) break;
    messages.push(buffer.subarray(start, end));
    start = end;
  }
  return { messages, rest: buffer.subarray(start) };
}

/** Status of the last `ReadyForQuery` in a reply: idle, in a transaction, in a failed one; undefined without one. */
export function lastStatus(reply: Buffer): string | undefined {
  const ready = splitMessages(reply).messages.findLast((part) => part[0] === 0x5a);
  return ready?.toString('latin1', 5, 6);
}

/** Puts `prefix` before the name of a prepared statement: connections may use one name for different texts. */
export function ownStatements(original: Buffer, prefix: string): Buffer {
  const type = String.fromCharCode(original[0] ?? 0);
  let at = 5;
  if (type === 'B') at = original.indexOf(0, 5) + 1;
  else if (type === 'D' || type === 'C') {
    if (original[5] !== 0x53) return original;
    at = 6;
  } else if (type !== 'P') return original;
  // The statement without a name lives until the next one.
  if (original[at] === 0) return original;
  return message(type, Buffer.concat([original.subarray(5, at), Buffer.from(prefix), original.subarray(at)]));
}
