import { type Change, type Database, type Insert, or, Repository, type RepositoryOptions, startsWith } from 'trivet';
import type { DomainClock } from '../clock.js';
import { Post } from '../entities/post.js';
import { excerptOf, readingMinutesOf, slugOf, wordCountOf } from '../text.js';

/** What stands beside posts where they are asked for by their slug: a post of this name could not be found. */
const RESERVED: readonly string[] = ['popular', 'search'];

export class Posts extends Repository<typeof Post> {
  readonly #clock: DomainClock;

  constructor(database: Database, options: RepositoryOptions & { readonly clock: DomainClock }) {
    super(database, Post, options);
    this.#clock = options.clock;
  }

  protected override async beforeInsert(draft: Insert<typeof Post>): Promise<Insert<typeof Post>> {
    return { ...draft, slug: draft.slug ?? (await this.freeSlugs([draft.title]))[0]! };
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

  /** A slug for each title: of the title itself, or with the first number behind it that no other post has. */
  async freeSlugs(titles: readonly string[]): Promise<string[]> {
    const slugs = titles.map((title) => slugOf(title));
    const near = await this.find(or(...[...new Set(slugs)].map((slug) => ({ slug: startsWith(slug) }))), {
      select: ['slug'],
    });
    const taken = new Set([...RESERVED, ...near.map((each) => each.slug)]);
    return slugs.map((slug) => {
      let free = slug;
      for (let number = 2; taken.has(free); number++) free = `${slug}-${number}`;
      taken.add(free);
      return free;
    });
  }
}
