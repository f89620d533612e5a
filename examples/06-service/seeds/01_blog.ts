import { defineSeed } from 'trivet/migrate';
import { systemClock } from '../clock.js';
import { Category } from '../entities/category.js';
import { Comment } from '../entities/comment.js';
import { Event } from '../entities/event.js';
import { Like } from '../entities/like.js';
import { Post } from '../entities/post.js';
import { PostTag, Tag } from '../entities/tag.js';
import { User } from '../entities/user.js';
import { repositoriesOf } from '../repositories.js';
import { DEMO_ADMIN, DEMO_PASSWORD, firstNames, lastNames, places } from './_people.js';
import { bodyOf, remarks, titleOf } from './_texts.js';

const USERS = 24;
/** Users 1 to 6; user 0 is the admin. */
const WRITERS = 6;
const CATEGORIES: readonly (readonly [name: string, description: string | null, parent: number | null])[] = [
  ['Technology', 'What computers do.', null],
  ['Databases', 'What computers remember.', 0],
  ['Travel', 'By rail, if possible.', null],
  ['Food & Drink', null, null],
  ['Baking', 'Flour, water, salt, time.', 3],
];
const TAGS = ['postgresql', 'mongodb', 'performance', 'trains', 'maps', 'bread', 'howto', 'opinion'];
const POSTS = 40;
/** Every eighth post is not out yet. */
const isDraft = (number: number): boolean => number % 8 === 5;
const PUBLISHED = Array.from({ length: POSTS }, (_, number) => number).filter((number) => !isDraft(number));
const TAGS_OF_POST = 2;
const COMMENTS = 120;
const LIKES = 200;
const EVENTS = 400;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A blog of half a year: the same one in every run, and on both engines. */
export default defineSeed({
  name: 'blog',
  total: USERS + CATEGORIES.length + TAGS.length + POSTS * (1 + TAGS_OF_POST) + COMMENTS + LIKES + EVENTS,

  run: async ({ db, factory, put }) => {
    // Through the repositories of the domain: they hash passwords, and make slugs and excerpts.
    const repositories = repositoriesOf(db, db, systemClock);

    const users = factory(User, ({ number, random, sequence }) => ({
      username: number === 0 ? DEMO_ADMIN.username : sequence(number <= WRITERS ? 'author_' : 'reader_'),
      email: number === 0 ? DEMO_ADMIN.email : `${sequence('user')}@blog.example`,
      password: number === 0 ? DEMO_ADMIN.password : DEMO_PASSWORD,
      role: number === 0 ? 'admin' : number <= WRITERS ? 'author' : 'reader',
      profile: {
        firstName: random.pick(firstNames),
        lastName: random.pick(lastNames),
        bio: random.chance(0.5) ? random.pick(remarks) : null,
        location: random.chance(0.8) ? random.pick(places) : null,
      },
    }));
    const categories = factory(Category, ({ number, key }) => {
      const [name, description, parent] = CATEGORIES[number]!;
      return { name, description, parentId: parent === null ? null : key(parent) };
    });
    const tags = factory(Tag, ({ number }) => ({ name: TAGS[number]! }));

    const posts = factory(Post, ({ number, random, base, keysOf }) => {
      const title = titleOf(number);
      const createdAt = new Date(base.getTime() + number * 4 * DAY + random.below(24) * HOUR);
      const publishedAt = new Date(createdAt.getTime() + random.below(48) * HOUR);
      return {
        authorId: users.key(1 + random.below(WRITERS)),
        title,
        body: bodyOf(random, title),
        status: isDraft(number) ? 'draft' : 'published',
        publishedAt: isDraft(number) ? null : publishedAt,
        featured: number % 9 === 0,
        views: isDraft(number) ? 0 : random.below(400),
        categoryIds: keysOf(categories, CATEGORIES.length, random.below(3)),
        createdAt,
      };
    });
    const postTags = factory(PostTag, ({ combination }) => {
      const [post, tag] = combination(POSTS, TAGS.length);
      return { postId: posts.key(post), tagId: tags.key(tag) };
    });

    // Three comments of a post belong together: the second and the third answer the first.
    const comments = factory(Comment, ({ number, random, base, keyOf, key }) => ({
      postId: posts.key(PUBLISHED[(Math.floor(number / 3) * 7) % PUBLISHED.length]!),
      authorId: keyOf(users, USERS),
      parentId: number % 3 === 0 ? null : key(number - (number % 3)),
      body: random.pick(remarks),
      createdAt: new Date(base.getTime() + 170 * DAY + number * HOUR),
    }));
    const likes = factory(Like, ({ combination }) => {
      const [post, user] = combination(PUBLISHED.length, USERS);
      return { postId: posts.key(PUBLISHED[post]!), userId: users.key(user) };
    });
    const events = factory(Event, ({ random, base, keyOf }) => ({
      kind: random.chance(0.1) ? 'share' : 'view',
      postId: posts.key(random.pick(PUBLISHED)),
      userId: random.chance(0.5) ? keyOf(users, USERS) : null,
      at: random.moment(new Date(base.getTime() + 165 * DAY), new Date(base.getTime() + 180 * DAY)),
    }));

    await put(repositories.users, users.make(USERS));
    await put(repositories.categories, categories.make(CATEGORIES.length));
    await put(repositories.tags, tags.make(TAGS.length));
    await put(repositories.posts, posts.make(POSTS));
    await put(repositories.postTags, postTags.make(POSTS * TAGS_OF_POST));
    await put(repositories.comments, comments.make(COMMENTS));
    await put(repositories.likes, likes.make(LIKES));
    await put(repositories.events, events.make(EVENTS));
  },
});
