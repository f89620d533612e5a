import { seedId } from '../seed/ids.js';
import { OPENED, STORY_BEGINS } from '../seed/seed.js';
import { postNamed, refusalOf, type Step, userNamed } from './step.js';

const titles = (rows: readonly { readonly title: string }[]) => rows.map(({ title }) => title);

export const posts: readonly Step[] = [
  {
    title: 'Write and publish: slug, excerpt, words and minutes make themselves',
    async run(blog) {
      const { publishing, repositories, clock } = blog;
      const author = await userNamed(blog, 'bruno');
      const draft = {
        authorId: author.id,
        title: '  Crème brûlée & B-trees ',
        body: 'Both are about a thin hard layer over something soft. '.repeat(30),
        categoryIds: [seedId('category', 4), seedId('category', 1)],
        tags: ['Bread', ' postgresql ', 'dessert'],
      };
      const post = await publishing.write(draft);
      clock.advance(45);
      const published = await publishing.publish(post.id);
      const again = await publishing.publish(post.id);
      const twin = await publishing.write(draft);
      const tags = await repositories.tags.count();
      return {
        title: post.title,
        slugs: [post.slug, twin.slug],
        excerpt: post.excerpt,
        words: post.wordCount,
        minutes: post.readingMinutes,
        'published at': [post.publishedAt, published?.publishedAt, again],
        'tags made': tags,
        'log of it': await repositories.events.count({ kind: 'publish', postId: post.id }),
        'all or nothing': await refusalOf(publishing.write({ ...draft, title: 'A', tags: ['never-made'] })),
        'tags then': await repositories.tags.count(),
      };
    },
  },
  {
    title: 'Edit: a second editor who read an older version is told so',
    async run(blog) {
      const { publishing } = blog;
      const read = await postNamed(blog, 'creme-brulee-b-trees-2');
      const edited = await publishing.edit(read, { title: 'Crème brûlée, revised', body: 'Short now.' });
      return {
        'first editor': { title: edited.title, slug: edited.slug, words: edited.wordCount, excerpt: edited.excerpt },
        'second editor': await refusalOf(publishing.edit(read, { title: 'Crème brûlée, my way' })),
        version: edited.version,
      };
    },
  },
  {
    title: 'The front page: authors, tags, categories, counts, and shares out of the event log',
    async run({ reading }) {
      const { rows, total, pages, hasNext } = await reading.frontPage(2, 5);
      return {
        posts: rows.map(({ title, author, tags, categories, comments, likes, shares }) => ({
          title,
          author: author?.fullName ?? null,
          tags: tags.map(({ name }) => name),
          categories: categories.map(({ name }) => name),
          comments,
          likes,
          shares,
        })),
        total,
        pages,
        hasNext,
      };
    },
  },
  {
    title: 'Sections: categories with those below them',
    async run({ reading }) {
      const sections = await reading.sections();
      return {
        sections: sections.map(({ name, description, below }) => ({
          name,
          description,
          below: below.map((each) => each.name),
        })),
      };
    },
  },
  {
    title: 'Scroll through all posts, ten at a time',
    async run({ reading }) {
      const all: string[] = [];
      let pages = 0;
      for (let after: string | null | undefined; after !== null; pages++) {
        const { rows, next } = await reading.scroll(after);
        all.push(...titles(rows));
        after = next;
      }
      return { pages, posts: all.length, different: new Set(all).size, first: all[0], last: all.at(-1) };
    },
  },
  {
    title: 'Discuss: comments, answers, likes that come and go',
    async run(blog) {
      const { discussion, reading, repositories } = blog;
      const post = await postNamed(blog, 'creme-brulee-b-trees');
      const [goro, hanna] = [await userNamed(blog, 'goro'), await userNamed(blog, 'hanna')];
      const first = await discussion.comment(post.id, goro.id, '  Which one goes in the oven?  ');
      const answer = await discussion.reply(first.id, hanna.id, 'The B-tree, obviously.');
      await discussion.reply(answer.id, goro.id, 'I should have known.');
      const likes = [];
      for (const user of [goro, hanna, goro]) likes.push(await discussion.toggleLike(post.id, user.id));
      const read = await reading.read(post.slug, goro.id);
      return {
        likes,
        threads: read?.threads.map(({ body, author, replies }) => ({
          body,
          by: author?.username ?? null,
          replies: replies.map((each) => `${each.author?.username ?? null}: ${each.body}`),
        })),
        'likes in the end': read?.likes,
        views: await repositories.events.count({ kind: 'view', postId: post.id }),
        'no such post': await reading.read('no-such-post'),
        empty: await refusalOf(discussion.comment(post.id, goro.id, '   ')),
      };
    },
  },
  {
    title: 'Find posts by category, author, tags, time and views',
    async run({ reading }) {
      const { rows: baking, total } = await reading.find({ category: 'baking' });
      const byTags = await reading.find({ tags: ['howto', 'opinion'] });
      const all = await reading.find({
        author: 'chiara',
        from: new Date('2026-02-01T00:00:00Z'),
        to: new Date('2026-06-01T00:00:00Z'),
        minViews: 100,
      });
      return {
        baking: titles(baking),
        'baking in all': total,
        'howto and opinion': titles(byTags.rows),
        'by chiara, viewed': all.rows.map(({ title, views }) => `${title} (${views})`),
        'no such category': (await reading.find({ category: 'cars' })).total,
      };
    },
  },
  {
    title: 'Search posts for words, phrases and without words',
    async run({ reading }) {
      // How rows rank is each engine's own: by title they compare.
      const found = async (...search: Parameters<typeof reading.search>) =>
        titles(await reading.search(...search)).sort();
      return {
        brûlée: await found('brûlée'),
        'night trains': await found('"night trains"', {}, 50),
        'without a guide': await found('"night trains" -guide', {}, 50),
        'by bruno': await found('rye bread', { author: 'bruno' }, 50),
        'in spring': await found('planner', { from: new Date('2026-03-01T00:00:00Z'), minViews: 200 }, 50),
      };
    },
  },
  {
    title: 'Popular in a time, and featured',
    async run({ reading }) {
      const spring = await reading.popular(new Date('2026-03-01T00:00:00Z'), new Date('2026-06-01T00:00:00Z'), 3);
      return {
        spring: spring.map(({ title, views, author }) => `${title} by ${author?.username ?? 'nobody'} (${views})`),
        always: titles(await reading.popular(OPENED, STORY_BEGINS, 3)),
        featured: titles(await reading.featured()),
      };
    },
  },
  {
    title: 'Archive a post, remove another one',
    async run(blog) {
      const { publishing, reading, repositories } = blog;
      const before = await repositories.posts.count({ status: 'published' });
      await publishing.archive((await postNamed(blog, 'against-slow-queries')).id);
      await publishing.remove((await postNamed(blog, 'a-year-with-slow-queries')).id);
      return {
        before,
        after: await repositories.posts.count({ status: 'published' }),
        read: await reading.read('a-year-with-slow-queries'),
        kept: await repositories.posts.count({ slug: 'a-year-with-slow-queries' }, { deleted: 'only' }),
      };
    },
  },
];
