import type { Command, EnsureSchemaCommand } from '../query/command.js';
import type { Call } from './call.js';
import { near } from './near.js';
import { count, distinct, exists, find, group } from './reads.js';
import { search } from './search.js';
import type { Target } from './target.js';
import { upsert } from './upsert.js';
import { updateEach, upsertMany } from './write-many.js';
import { insert, remove, update } from './writes.js';

/** Carries out a command, and gives what its interface says. */
export function execute(target: Target, command: Exclude<Command, EnsureSchemaCommand>, call: Call): Promise<unknown> {
  switch (command.kind) {
    case 'find':
      return find(target, command, call);
    case 'count':
      return count(target, command, call);
    case 'exists':
      return exists(target, command, call);
    case 'distinct':
      return distinct(target, command, call);
    case 'group':
      return group(target, command, call);
    case 'search':
      return search(target, command, call);
    case 'near':
      return near(target, command, call);
    case 'insert':
      return insert(target, command, call);
    case 'update':
      return update(target, command, call);
    case 'updateEach':
      return updateEach(target, command, call);
    case 'upsert':
      return upsert(target, command, call);
    case 'upsertMany':
      return upsertMany(target, command, call);
    case 'delete':
      return remove(target, command, call);
  }
}
