import type { Database } from '../../core/ports.js';
import type { Command } from '../../query/command.js';

/** The same database, which tells of each command before it runs it. */
export function noting<N extends string>(database: Database<N>, note: (command: Command) => void): Database<N> {
  return {
    engine: database.engine,
    run: (command, options) => {
      note(command);
      return database.run(command, options);
    },
    stream: (command, options) => {
      note(command);
      return database.stream(command, options);
    },
    transaction: (work, options) => database.transaction(work, options),
    detached: (work) => database.detached(work),
  };
}
