import type { Insert } from 'trivet';
import type { Category } from '../../06-service/entities/category.js';
import type { Comment } from '../../06-service/entities/comment.js';
import type { Event } from '../../06-service/entities/event.js';
import type { Like } from '../../06-service/entities/like.js';
import type { Post } from '../../06-service/entities/post.js';
import type { PostTag, Tag } from '../../06-service/entities/tag.js';
import type { User } from '../../06-service/entities/user.js';
import { bodyOf, remarks, titleOf } from '../../06-service/seeds/_texts.js';
import { seedId } from './ids.js';
import { LEFT, seedUsers } from './people.js';
import { Random } from './random.js';

/** The blog before the story begins, as drafts in an order in which no reference is missing. */
export interface Seed {
  readonly users: readonly Insert<typeof User>[];
  readonly categories: readonly Insert<typeof Category>[];
  readonly tags: readonly Insert<typeof Tag>[];
  readonly posts: readonly Insert<typeof Post>[];
  readonly postTags: readonly Insert<typeof PostTag>[];
  readonly comments: readonly Insert<typeof Comment>[];
  readonly likes: readonly Insert<typeof Like>[];
  readonly events: readonly Insert<typeof Event>[];
  /** Keys of what is deleted, softly, after all is in. */
  readonly deleted: {
    readonly users: readonly string[];
    readonly posts: readonly string[];
    readonly comments: readonly string[];
  };
}

/** When the blog opened, and when the story begins: half a year later. */
export const OPENED: Date = new Date('2026-01-05T08:00:00.000Z');
export const STORY_BEGINS: Date = new Date('2026-07-01T09:00:00.000Z');

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const POSTS = 40;
const COMMENTS = 150;
const LIKES = 220;
const EVENTS = 900;
/** Those who write: users 1 to 4. Number 5 is an author without a post. */
const WRITERS = [1, 1, 2, 2, 2, 3, 4];
const CATEGORIES: readonly (readonly [name: string, description: string | null, parent: number | null])[] = [
  ['Technology', 'What computers do.', null],
  ['Databases', 'What computers remember.', 0],
  ['Travel', 'By rail, if possible.', null],
  ['Food & Drink', null, null],
  ['Baking', 'Flour, water, salt, time.', 3],
  ['Announcements', null, null],
];
const TAGS = ['postgresql', 'mongodb', 'performance', 'trains', 'maps', 'bread', 'howto', 'opinion', 'unused'];

/** Always the same. */
export function makeSeed(): Seed {
  const random = new Random(2026);
  const after = (start: Date, milliseconds: number) => new Date(start.getTime() + milliseconds);

  const posts = Array.from({ length: POSTS }, (_, i) => {
    const title = titleOf(i);
    const createdAt = after(OPENED, i * 4 * DAY + random.below(24) * HOUR);
    const status = i % 8 === 5 ? ('draft' as const) : i % 13 === 7 ? ('archived' as const) : ('published' as const);
    return {
      id: seedId('post', i),
      authorId: seedId('user', random.pick(WRITERS)),
      title,
      body: bodyOf(random, title),
      status,
      publishedAt: status === 'draft' ? null : after(createdAt, random.below(48) * HOUR),
      featured: i % 9 === 0,
      views: status === 'draft' ? 0 : random.below(400),
      // The last category is nobody's.
      categoryIds: random
        .some(CATEGORIES.slice(0, -1), random.below(3))
        .map((each) => seedId('category', CATEGORIES.indexOf(each))),
      createdAt,
    };
  });
  const seen = posts.filter(({ status }) => status !== 'draft');
  const someone = () => seedId('user', random.below(12));

  const comments: (Insert<typeof Comment> & { readonly postId: string; readonly createdAt: Date })[] = [];
  for (let i = 0; i < COMMENTS; i++) {
    const post = random.pick(seen);
    const earlier = comments.filter(({ postId, parentId }) => postId === post.id && parentId === null);
    const parent = earlier.length > 0 && random.below(3) === 0 ? random.pick(earlier) : null;
    const createdAt = after(parent?.createdAt ?? post.publishedAt!, (1 + random.below(30)) * HOUR);
    comments.push({
      id: seedId('comment', i),
      postId: post.id,
      authorId: someone(),
      parentId: parent?.id ?? null,
      body: random.pick(remarks),
      createdAt,
    });
  }

  const likes = new Map<string, Insert<typeof Like>>();
  for (let i = 0; i < LIKES; i++) {
    const like = { postId: random.pick(seen).id, userId: someone(), createdAt: after(OPENED, i * 12 * HOUR) };
    likes.set(like.postId + like.userId, like);
  }

  const events = Array.from({ length: EVENTS }, (_, i) => ({
    id: seedId('event', i),
    kind: random.below(10) === 0 ? ('share' as const) : ('view' as const),
    postId: random.pick(seen).id,
    userId: random.below(2) === 0 ? someone() : null,
    at: after(STORY_BEGINS, -random.below(30 * 24 * 60) * 60_000),
  }));

  return {
    users: seedUsers(OPENED),
    categories: CATEGORIES.map(([name, description, parent], i) => ({
      id: seedId('category', i),
      name,
      description,
      parentId: parent === null ? null : seedId('category', parent),
      isActive: i < CATEGORIES.length - 1,
    })),
    tags: TAGS.map((name, i) => ({ id: seedId('tag', i), name })),
    posts,
    postTags: posts.flatMap(({ id }) =>
      random
        .some(TAGS.slice(0, -1), random.below(4))
        .map((tag) => ({ postId: id, tagId: seedId('tag', TAGS.indexOf(tag)) })),
    ),
    comments,
    likes: [...likes.values()],
    events,
    deleted: {
      users: [seedId('user', LEFT)],
      posts: [seedId('post', 3)],
      // One that has answers, and one more.
      comments: [comments.find(({ parentId }) => parentId !== null)!.parentId!, seedId('comment', 40)],
    },
  };
}
