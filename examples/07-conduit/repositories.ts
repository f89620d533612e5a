import { randomUUID } from 'node:crypto';
import { type Change, type Database, NotFoundError, Repository } from 'trivet';
import { hashPassword } from '../06-service/passwords.js';
import { Article, Comment, Counter, Favorite, Follow, User } from './entities.js';

class Users extends Repository<typeof User> {
  protected override async beforeSave({ bio, image, password, ...change }: Change<typeof User>) {
    return {
      ...change,
      // An empty text clears the field.
      ...(bio !== undefined && { bio: bio || null }),
      ...(image !== undefined && { image: image || null }),
      ...(password !== undefined && { password: await hashPassword(password) }),
    };
  }
}

class Articles extends Repository<typeof Article> {
  protected override async beforeSave({ tagList, ...change }: Change<typeof Article>) {
    return {
      ...change,
      ...(tagList !== undefined && { tagList: [...new Set(tagList)] }),
      ...(change.title !== undefined && { slug: slugOf(change.title) }),
    };
  }
}

/** `creme-brulee-5f0e9a1b` for `Crème brûlée!`: titles may be the same, slugs may not. */
function slugOf(title: string): string {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = (plain.match(/[a-z\d]+/g) ?? []).join('-').slice(0, 80);
  const own = randomUUID().slice(0, 8);
  return words === '' ? own : `${words}-${own}`;
}

/** The repositories, in an order in which their tables can be made. */
function make(database: Database) {
  return {
    users: new Users(database, User),
    follows: new Repository(database, Follow),
    articles: new Articles(database, Article),
    favorites: new Repository(database, Favorite),
    comments: new Repository(database, Comment),
    counters: new Repository(database, Counter),
  };
}

export type Repositories = ReturnType<typeof make>;

/** The repositories, with all that they need in the database. */
export async function openRepositories(database: Database): Promise<Repositories> {
  const repositories = make(database);
  for (const repository of Object.values(repositories)) await repository.ensureSchema();
  await repositories.counters.getOrInsert({ name: 'comments' }, { on: 'name' });
  return repositories;
}

/** A row that must be there. @throws NotFoundError */
export function found<T>(entity: { readonly name: string }, row: T | null | undefined): T {
  if (row == null) throw new NotFoundError(entity.name);
  return row;
}
