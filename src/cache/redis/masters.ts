import type { RedisArgument } from './call-options.js';
import { isCluster, type RedisClientLike } from './client.js';
import { mapError } from './errors.js';

/** What one server said, or why it said nothing. */
export type MasterReply =
  | { readonly node: string; readonly reply: unknown; readonly error?: undefined }
  | { readonly node: string; readonly error: Error };

/** The arguments for a server; null where it is not asked. */
export type ArgumentsFor = (node: string) => readonly RedisArgument[] | null;

/**
 * Sends a command to each server that has keys: each master of a cluster, else the one. A master that fails does not hide what the others say; where
 * none says anything, it rejects.
 */
export async function askMasters(
  client: RedisClientLike,
  name: string,
  command: string,
  argumentsFor: ArgumentsFor,
): Promise<readonly MasterReply[]> {
  if (!isCluster(client)) {
    const args = argumentsFor(name);
    return args === null ? [] : [{ node: name, reply: await client.call(command, ...args) }];
  }
  const asked = client.nodes('master').flatMap((master) => {
    const node = `${master.options.host}:${master.options.port}`;
    const args = argumentsFor(node);
    return args === null ? [] : [{ node, said: master.call(command, ...args) }];
  });
  const settled = await Promise.allSettled(asked.map(({ said }) => said));
  const failed = settled.filter((each) => each.status === 'rejected');
  if (failed.length === settled.length && failed.length > 0) throw failed[0]!.reason;
  return settled.map((each, i): MasterReply => {
    const { node } = asked[i]!;
    if (each.status === 'fulfilled') return { node, reply: each.value };
    return { node, error: mapError(each.reason, { resource: node, sent: true }) as Error };
  });
}
