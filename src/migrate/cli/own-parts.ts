import type { EntityModel } from '../../schema/model.js';
import type { MongoCommand, SchemaDiff } from '../diff/types.js';
import { diffMongo } from '../mongo/diff.js';
import { renderMongoMigration } from '../mongo/render.js';
import type { Parts } from './parts.js';

/** The parts as the package has them. */
export const OWN_PARTS: Parts = Object.freeze<Parts>({
  diffSchema: async (database, entities, options) => {
    if (database.engine === 'postgres')
      throw new Error('`schema diff` of PostgreSQL is not in this version of the package');
    return diffMongo(
      database,
      entities.map((each) => each['~model'] as EntityModel),
      options,
    );
  },
  renderMigrations: (diff, { name, language }) => [
    {
      name,
      kind: language === 'ts' ? 'ts' : 'mjs',
      text: renderMongoMigration(diff as SchemaDiff<MongoCommand>, { language }),
    },
  ],
  seeder: () => {
    throw new Error('`seed` is not in this version of the package');
  },
});
