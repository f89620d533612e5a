import type { Seed } from '../../../examples/02-blog/seed/seed.js';

// What the services must answer right after the seed, in plain JavaScript over the drafts: arrays, loops, nothing of the library.

interface Frame {
  readonly from: Date;
  readonly to: Date;
}

type SeedPost = Seed['posts'][number];

function published({ posts, deleted }: Seed, frame?: Frame): SeedPost[] {
  return posts.filter(({ id, status, publishedAt }) => {
    if (status !== 'published' || deleted.posts.includes(id!)) return false;
    return frame === undefined || (publishedAt! >= frame.from && publishedAt! < frame.to);
  });
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0);
const wordsOf = ({ body }: SeedPost) => body.split(/\s+/).filter((word) => word !== '').length;
const minutesOf = (post: SeedPost) => Math.max(1, Math.ceil(wordsOf(post) / 200));
const viewsOf = (posts: readonly SeedPost[]) => total(posts.map(({ views }) => views!));
const within = ({ from, to }: Frame, date: Date | undefined) => date !== undefined && date >= from && date < to;
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function groupedBy<T>(rows: readonly T[], keysOf: (row: T) => readonly string[]): [key: string, rows: T[]][] {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    for (const key of keysOf(row)) groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].sort(([a], [b]) => compare(a, b));
}

export function counts({ deleted, ...seed }: Seed): Record<string, number> {
  const gone = { ...deleted } as Readonly<Record<string, readonly string[]>>;
  const counts = Object.fromEntries(
    Object.entries(seed).map(([name, rows]) => [name, rows.length - (gone[name]?.length ?? 0)]),
  );
  // Nothing was brought in from elsewhere.
  return { ...counts, imports: 0, importedPosts: 0 };
}

export function overview(seed: Seed, frame: Frame) {
  const posts = published(seed, frame);
  return {
    posts: posts.length,
    views: viewsOf(posts),
    averageViews: viewsOf(posts) / posts.length,
    words: total(posts.map(wordsOf)),
    authors: new Set(posts.map(({ authorId }) => authorId)).size,
    comments: seed.comments.filter((each) => !seed.deleted.comments.includes(each.id!) && within(frame, each.createdAt))
      .length,
    likes: seed.likes.filter(({ createdAt }) => within(frame, createdAt)).length,
  };
}

export function byCategory(seed: Seed, frame: Frame) {
  return groupedBy(published(seed, frame), ({ categoryIds }) => categoryIds!)
    .map(([id, posts]) => ({
      category: seed.categories.find((each) => each.id === id)!.name,
      posts: posts.length,
      views: viewsOf(posts),
      readingMinutes: total(posts.map(minutesOf)) / posts.length,
    }))
    .sort((a, b) => b.views - a.views);
}

export function byMonth(seed: Seed, frame: Frame) {
  return groupedBy(published(seed, frame), ({ publishedAt }) => [publishedAt!.toISOString().slice(0, 7)]).map(
    ([month, posts]) => ({
      publishedAt: new Date(`${month}-01T00:00:00.000Z`),
      posts: posts.length,
      views: viewsOf(posts),
    }),
  );
}

export function months(seed: Seed) {
  let postsSoFar = 0;
  let before: number | null = null;
  return groupedBy(published(seed), ({ publishedAt }) => [publishedAt!.toISOString().slice(0, 7)]).map(
    ([month, posts]) => {
      const views = viewsOf(posts);
      const change = before === null ? null : views - before;
      before = views;
      postsSoFar += posts.length;
      const [best] = posts.sort((a, b) => b.views! - a.views! || compare(a.id!, b.id!));
      return { month, posts: posts.length, views, postsSoFar, change, best: best!.title };
    },
  );
}

export function topAuthors(seed: Seed, frame: Frame, limit: number) {
  return groupedBy(published(seed, frame), ({ authorId }) => [authorId])
    .map(([id, posts]) => {
      const { profile } = seed.users.find((each) => each.id === id)!;
      return { author: `${profile.firstName} ${profile.lastName}`, posts: posts.length, views: viewsOf(posts) };
    })
    .sort((a, b) => b.views - a.views)
    .slice(0, limit);
}

export function authors(seed: Seed) {
  return seed.users
    .filter(({ id, role }) => role === 'author' && !seed.deleted.users.includes(id!))
    .sort((a, b) => compare(a.username, b.username))
    .map(({ id, username }) => {
      const own = published(seed).filter(({ authorId }) => authorId === id);
      const times = own.map(({ publishedAt }) => publishedAt!.getTime());
      return {
        username,
        posts: own.length,
        views: viewsOf(own),
        averageViews: own.length === 0 ? null : viewsOf(own) / own.length,
        lastPublishedAt: own.length === 0 ? null : new Date(Math.max(...times)),
      };
    })
    .sort((a, b) => b.posts - a.posts || b.views - a.views);
}

/** Of the published posts, the latest first, what stands on the front page. */
export function frontPage(seed: Seed) {
  const { users, tags, postTags, categories, comments, likes, events, deleted } = seed;
  return published(seed)
    .sort((a, b) => b.publishedAt!.getTime() - a.publishedAt!.getTime() || compare(b.id!, a.id!))
    .map(({ id, title, authorId, categoryIds }) => ({
      title,
      author: deleted.users.includes(authorId) ? null : users.find((each) => each.id === authorId)!.username,
      tags: postTags
        .filter(({ postId }) => postId === id)
        .map(({ tagId }) => tags.find((each) => each.id === tagId)!.name)
        .sort(),
      categories: categoryIds!
        .map((each) => categories.find((category) => category.id === each)!)
        .filter(({ isActive }) => isActive)
        .map(({ name }) => name),
      comments: comments.filter((each) => each.postId === id && !deleted.comments.includes(each.id!)).length,
      likes: likes.filter(({ postId }) => postId === id).length,
      shares: events.filter(({ kind, postId }) => kind === 'share' && postId === id).length,
    }));
}

/** The threads of a post as texts, answers after what they answer; those of a deleted comment go with it. */
export function threads(seed: Seed, postId: string): string[] {
  const { users, deleted } = seed;
  const seen = seed.comments
    .filter((each) => each.postId === postId && !deleted.comments.includes(each.id!))
    .sort((a, b) => a.createdAt!.getTime() - b.createdAt!.getTime() || compare(a.id!, b.id!));
  const nameOf = (id: string) => (deleted.users.includes(id) ? null : users.find((each) => each.id === id)!.username);
  return seen
    .filter(({ parentId }) => parentId === null)
    .flatMap((root) => [root, ...seen.filter(({ parentId }) => parentId === root.id)])
    .map(({ parentId, authorId, body }) => `${parentId === null ? '' : '> '}${nameOf(authorId)}: ${body}`);
}

/** The titles of the published posts that hold the words one behind the other, whatever their case. */
export function titlesWith(seed: Seed, phrase: string): string[] {
  const holds = (text: string) => text.toLowerCase().includes(phrase);
  return published(seed)
    .filter(({ title, body }) => holds(title) || holds(body))
    .map(({ title }) => title)
    .sort();
}

/** The active users within so many kilometres, the nearest first, with their distance on a sphere. */
export function around(seed: Seed, [longitude, latitude]: readonly [number, number], kilometres: number) {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  return seed.users
    .filter(({ id, isActive }) => isActive !== false && !seed.deleted.users.includes(id!))
    .flatMap(({ username, profile: { location } }) => {
      if (location == null) return [];
      const [east, north] = location.coordinates;
      const half = (a: number, b: number) => Math.sin(radians(a - b) / 2) ** 2;
      const chord =
        half(north, latitude) + Math.cos(radians(north)) * Math.cos(radians(latitude)) * half(east, longitude);
      return [{ username, kilometres: Math.round(2 * 6_378.1 * Math.asin(Math.sqrt(chord))) }];
    })
    .filter((each) => each.kilometres <= kilometres)
    .sort((a, b) => a.kilometres - b.kilometres);
}
