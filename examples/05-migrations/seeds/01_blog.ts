import { defineSeed } from 'trivet/migrate';
import { Comment, Like, Post, User } from '../entities.js';
import { firstNames, lastNames, openings, remarks, sentences, subjects } from './_texts.js';

const USERS = 100;
const WRITERS = 20;
const POSTS = 300;
const COMMENTS = 900;
const LIKES = 1_500;

const HOUR = 3_600_000;

/** A hundred users with posts, comments and likes: the same ones in every run, and on every engine. */
export default defineSeed({
  name: 'blog',
  total: USERS + POSTS + COMMENTS + LIKES,

  run: async ({ factory, put }) => {
    // What a factory does not say is made of the rules of the entity: here the key, the address and when it was made.
    const users = factory(User, ({ number, random }) => ({
      name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
      role: number === 0 ? 'admin' : number < WRITERS ? 'author' : 'reader',
      bio: random.chance(0.3) ? random.pick(sentences) : null,
    }));

    const posts = factory(Post, ({ number, random, base, keyOf }) => {
      const body = random.some(sentences, random.between(2, sentences.length)).join(' ');
      const createdAt = new Date(base.getTime() + number * 6 * HOUR);
      const isPublished = random.chance(0.9);
      return {
        authorId: keyOf(users, WRITERS),
        title: `${random.pick(openings)} ${random.pick(subjects)}`,
        body,
        wordCount: body.split(' ').length,
        status: isPublished ? 'published' : 'draft',
        publishedAt: isPublished ? new Date(createdAt.getTime() + random.below(48) * HOUR) : null,
        createdAt,
      };
    });

    // Three comments of a post belong together: the second and the third answer the first.
    const comments = factory(Comment, ({ number, random, keyOf, key }) => ({
      postId: posts.key((Math.floor(number / 3) * 7) % POSTS),
      authorId: keyOf(users, USERS),
      parentId: number % 3 === 0 ? null : key(number - (number % 3)),
      body: random.pick(remarks),
    }));

    // A user likes a post once: no two rows have the same combination.
    const likes = factory(Like, ({ combination }) => {
      const [post, user] = combination(POSTS, USERS);
      return { postId: posts.key(post), userId: users.key(user) };
    });

    await put(User, users.make(USERS));
    await put(Post, posts.make(POSTS));
    await put(Comment, comments.make(COMMENTS));
    await put(Like, likes.make(LIKES));
  },
});
