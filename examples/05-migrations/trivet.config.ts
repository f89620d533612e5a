import { PostgresDatabase } from 'trivet';
import { defineConfig } from 'trivet/migrate';
import { Comment, Like, Post, User } from './entities.js';

export default defineConfig({
  // Without a `url` it is where DATABASE_URL says.
  database: () => new PostgresDatabase(),
  migrations: './migrations',
  seeds: './seeds',
  entities: [User, Post, Comment, Like],
});
