import { and, anyOf, belongsTo, count, each, has, hasMany, type Where } from 'trivet';
import { Article, type Comment, User } from './entities.js';
import { found, type Repositories } from './repositories.js';

/** Key of the user who asks, null for anybody. */
export type Viewer = string | null;

/** `author` and `favorited` are names of users. */
export type ArticleFilter = { readonly [P in 'tag' | 'author' | 'favorited']?: string };

export interface Page {
  readonly limit: number;
  readonly offset: number;
}

const LISTED = ['slug', 'title', 'description', 'tagList', 'createdAt', 'updatedAt'] as const;
const NOTHING = anyOf<string>();

/** What a viewer sees. Each relation is one query, for all the rows of an answer. */
export function readingOf({ users, follows, articles, favorites, comments }: Repositories) {
  const ofProfile = (viewer: Viewer) => {
    const following = hasMany(follows, 'followedId', { where: { followerId: viewer ?? NOTHING }, count: true });
    return { select: ['username', 'bio', 'image'], include: { following } } as const;
  };
  const authorFor = (viewer: Viewer) => belongsTo(users, 'authorId', ofProfile(viewer));
  const ofArticle = (viewer: Viewer) => ({
    author: authorFor(viewer),
    favorited: hasMany(favorites, 'articleId', { where: { userId: viewer ?? NOTHING }, count: true }),
    favoritesCount: hasMany(favorites, 'articleId', { count: true }),
  });
  const idOf = async (username: string) => (await users.findOne({ username }, { select: ['id'] }))?.id ?? NOTHING;

  /** A page of the articles that fit, the latest first. */
  async function list(where: Where<typeof Article>, viewer: Viewer, page: Page) {
    const orderBy = { createdAt: 'desc', id: 'desc' } as const;
    const [rows, articlesCount] = await Promise.all([
      articles.find(where, { ...page, select: LISTED, orderBy, include: ofArticle(viewer) }),
      articles.count(where),
    ]);
    return { articles: rows.map(articleOf), articlesCount };
  }

  return {
    /** @throws NotFoundError */
    async profile(username: string, viewer: Viewer) {
      return profileOf(found(User, await users.findOne({ username }, ofProfile(viewer))));
    },

    /** @throws NotFoundError */
    async article(slug: string, viewer: Viewer) {
      const options = { select: [...LISTED, 'body'], include: ofArticle(viewer) } as const;
      return articleOf(found(Article, await articles.findOne({ slug }, options)));
    },

    async articles({ tag, author, favorited }: ArticleFilter, viewer: Viewer, page: Page) {
      const tests: Where<typeof Article>[] = [];
      if (tag !== undefined) tests.push({ tagList: has(tag) });
      if (author !== undefined) tests.push({ authorId: await idOf(author) });
      if (favorited !== undefined) {
        const theirs = await favorites.distinct('articleId', { userId: await idOf(favorited) });
        tests.push({ id: anyOf(...theirs) });
      }
      return list(and(...tests), viewer, page);
    },

    /** The articles of those whom the viewer follows. */
    async feed(viewer: string, page: Page) {
      const followed = await follows.distinct('followedId', { followerId: viewer });
      return list({ authorId: anyOf(...followed) }, viewer, page);
    },

    /** The comments that fit, the latest first. */
    async comments(where: Where<typeof Comment>, viewer: Viewer) {
      const include = { author: authorFor(viewer) };
      return (await comments.find(where, { orderBy: { id: 'desc' }, include })).map(commentOf);
    },

    /** The tags of all articles, the most used first. */
    async tags() {
      const tags = await articles.groupBy([each('tagList')], { uses: count() }, { orderBy: { uses: 'desc' } });
      return tags.map(({ tagList }) => tagList);
    },
  };
}

export type Reading = ReturnType<typeof readingOf>;

type Profile = Pick<User, 'username' | 'bio' | 'image'> & { readonly following: number };

function profileOf({ following, ...profile }: Profile) {
  return { ...profile, following: following > 0 };
}

function articleOf<A extends { readonly author: Profile | null; readonly favorited: number }>(article: A) {
  return { ...article, favorited: article.favorited > 0, author: article.author && profileOf(article.author) };
}

function commentOf({ id, createdAt, updatedAt, body, author }: Comment & { readonly author: Profile | null }) {
  return { id, createdAt, updatedAt, body, author: author && profileOf(author) };
}
