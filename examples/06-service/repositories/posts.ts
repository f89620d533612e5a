import { type Change, type Database, type Insert, Repository, type RepositoryOptions, startsWith } from 'trivet';
import type { DomainClock } from '../clock.js';
import { Post } from '../entities/post.js';
import { excerptOf, readingMinutesOf, slugOf, wordCountOf } from '../text.js';

export class Posts extends Repository<typeof Post> {
  readonly #clock: DomainClock;

  constructor(database: Database, options: RepositoryOptions & { readonly clock: DomainClock }) {
    super(database, Post, options);
    this.#clock = options.clock;
  }

  protected override async beforeInsert(draft: Insert<typeof Post>): Promise<Insert<typeof Post>> {
    return { ...draft, slug: await this.#freeSlug(slugOf(draft.title)) };
  }

  protected override async beforeSave(change: Change<typeof Post>): Promise<Change<typeof Post>> {
    const words = change.body === undefined ? undefined : wordCountOf(change.body);
    return {
      ...change,
      ...(words !== undefined && { wordCount: words, readingMinutes: readingMinutesOf(words) }),
      ...(change.body !== undefined && { excerpt: change.excerpt ?? excerptOf(change.body) }),
      ...(change.status === 'published' && { publishedAt: change.publishedAt ?? this.#clock.date() }),
    };
  }

  /** The slug itself, or with the first number behind it that no other post has. */
  async #freeSlug(slug: string): Promise<string> {
    const near = await this.find({ slug: startsWith(slug) }, { select: ['slug'] });
    const taken = new Set(near.map((each) => each.slug));
    let free = slug;
    for (let number = 2; taken.has(free); number++) free = `${slug}-${number}`;
    return free;
  }
}
