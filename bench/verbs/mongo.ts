import { type Collection, MongoClient } from 'mongodb';
import { MongoDatabase } from 'trivet/mongo';
import { fill } from './fill.js';
import { type AuthorRow, FIRST_NEW, type PostRow } from './post.js';
import { trivetWays } from './trivet.js';
import { CONNECTIONS, type Pair, type Ways } from './ways.js';

type Stored<Row extends { readonly id: number }> = Omit<Row, 'id' | 'excerpt'> & {
  readonly _id: number;
  readonly excerpt?: string;
};

/** As the driver's own pages show it. A row has `_id`, as it is stored; to give it another name would cost more. */
function rawWays(client: MongoClient): Ways {
  const posts: Collection<Stored<PostRow>> = client.db().collection('posts');
  const authors: Collection<Stored<AuthorRow>> = client.db().collection('authors');
  return {
    name: 'mongodb',
    byId: (id) => posts.findOne({ _id: id }),
    bySlug: (slug) => posts.findOne({ slug }),
    page: (before) =>
      posts
        .find({ status: 'published', createdAt: { $lt: before } })
        .sort({ createdAt: -1 })
        .limit(20)
        .toArray(),
    thousand: () => posts.find().sort({ _id: 1 }).limit(1_000).toArray(),
    async withAuthors(from) {
      const some = await posts
        .find({ _id: { $gte: from } })
        .sort({ _id: 1 })
        .limit(20)
        .toArray();
      const ids = [...new Set(some.map(({ authorId }) => authorId))];
      const found = await authors.find({ _id: { $in: ids } }).toArray();
      const byId = new Map(found.map((author) => [author._id, author]));
      return some.map((post) => ({ ...post, author: byId.get(post.authorId) ?? null }));
    },
    async insert(post) {
      const stored = storedOf(post);
      await posts.insertOne(stored);
      return stored;
    },
    insertMany: (many) => posts.insertMany(many.map(storedOf)),
    view: (id) => posts.findOneAndUpdate({ _id: id }, { $inc: { views: 1 } }, { returnDocument: 'after' }),
    clear: () => posts.deleteMany({ _id: { $gte: FIRST_NEW } }),
    close: () => client.close(),
  };
}

/** What is null is not there, as the validator of the collection wants it. */
function storedOf({ id, excerpt, ...rest }: PostRow): Stored<PostRow> {
  return { _id: id, ...rest, ...(excerpt !== null && { excerpt }) };
}

/** Both ways on an empty database, which they fill. */
export async function openMongo(url: string): Promise<Pair> {
  const database = new MongoDatabase({ url, max: CONNECTIONS });
  await fill(database);
  const client = await new MongoClient(url, { maxPoolSize: CONNECTIONS }).connect();
  return [rawWays(client), trivetWays(database)];
}
