import { type Request, type Response, Router } from 'express';
import type { Insert, Patch } from 'trivet';
import type { Parts } from '../app.js';
import { Article, type Favorite } from '../entities.js';
import { ApiError } from '../errors.js';
import { found } from '../repositories.js';
import { fieldsOf, pageOf } from '../request.js';

type OnArticle = Request<{ slug: string }>;

/** Articles, the feed, favourites and tags. */
export function articleRoutes({ repositories, reading, authentication }: Parts): Router {
  const { articles, favorites, comments } = repositories;
  const router = Router();

  const ownArticle = async (request: OnArticle): Promise<Article> => {
    const { id } = await authentication.user(request);
    const article = found(Article, await articles.findOne({ slug: request.params.slug }));
    if (article.authorId !== id) throw new ApiError(403, { article: ['forbidden'] });
    return article;
  };

  router.get('/tags', async (_request, response) => {
    response.json({ tags: await reading.tags() });
  });

  router.get('/articles', async (request, response) => {
    const viewer = await authentication.viewer(request);
    response.json(await reading.articles(request.query, viewer, pageOf(request)));
  });

  router.get('/articles/feed', async (request, response) => {
    const { id } = await authentication.user(request);
    response.json(await reading.feed(id, pageOf(request)));
  });

  router.post('/articles', async (request, response) => {
    const { id } = await authentication.user(request);
    const draft = fieldsOf<Insert<typeof Article>>(request, 'article', ['title', 'description', 'body'], ['tagList']);
    const { slug } = await articles.insert({ ...draft, authorId: id });
    response.status(201).json({ article: await reading.article(slug, id) });
  });

  router
    .route('/articles/:slug')
    .get(async (request, response) => {
      const viewer = await authentication.viewer(request);
      response.json({ article: await reading.article(request.params.slug, viewer) });
    })
    .put(async (request, response) => {
      const { id, authorId, title } = await ownArticle(request);
      const fields = ['title', 'description', 'body', 'tagList'];
      const patch = fieldsOf<Patch<typeof Article>>(request, 'article', [], fields);
      // The slug is made of the title, and stays while the title does.
      if (patch.title === title) delete patch.title;
      const { slug } = await articles.update(id, patch);
      response.json({ article: await reading.article(slug, authorId) });
    })
    .delete(async (request, response) => {
      const { id } = await ownArticle(request);
      // Foreign keys would do it on PostgreSQL; MongoDB has none.
      await articles.database.transaction(
        async () => {
          await comments.deleteMany({ articleId: id });
          await favorites.deleteMany({ articleId: id });
          await articles.delete(id);
        },
        { retries: 3 },
      );
      response.status(204).end();
    });

  /** Changes what the user likes, and answers with the article as it is then. */
  const liking = (change: (favorite: Insert<typeof Favorite>) => Promise<unknown>) => {
    return async (request: OnArticle, response: Response) => {
      const { id: userId } = await authentication.user(request);
      const { id: articleId, slug } = found(Article, await articles.findOne({ slug: request.params.slug }));
      await change({ articleId, userId });
      response.json({ article: await reading.article(slug, userId) });
    };
  };
  router
    .route('/articles/:slug/favorite')
    .post(liking((favorite) => favorites.getOrInsert(favorite, { on: ['articleId', 'userId'] })))
    .delete(liking(({ articleId, userId }) => favorites.deleteMany({ articleId, userId })));

  return router;
}
