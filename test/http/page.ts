import type { Rule } from './rules.js';

/** The page about the HTTP cache: written by `npx vitest run test/http/rules.test.ts -u`. */
export function httpCachePage(rules: readonly Rule[]): string {
  const rows = rules.map(({ section, rule, result }) => `| ${section} | ${rule} | ${result} |`);
  return `${BEFORE}| | the RFC | what it does |\n|---|---|---|\n${rows.join('\n')}\n${AFTER}`;
}

const BEFORE = `# The HTTP cache, rule by rule

\`httpCache\` of \`trivet/http\` is middleware of Express and connect. It stores the answers of what comes behind it and gives them to those who ask for the
same, as a shared cache does by RFC 9111. A test holds each line of the table to what it says, on Express 5 and without a framework, with the
entries in memory and on Redis; this page is written from these tests.

\`\`\`ts
import express from 'express';
import { CacheManager, MemoryStore } from 'trivet';
import { httpCache, problem } from 'trivet/http';

const cache = new CacheManager(new MemoryStore());
const app = express();
app.get('/products/:id', httpCache(cache, { ttl: '1m', tags: (request) => [\`product \${request.url}\`] }), (request, response) => {
  response.json({ id: request.params.id });
});
app.use(problem());
\`\`\`

`;

const AFTER = `
## What it does beside that

**What was invalidated while the handler ran is not stored.** Tags are those of the cache: \`cache.invalidateTags('products')\` takes data and pages away together.

**One runs the handler, the others wait** for its answer, over all processes that share the store, for \`waitTimeout\` at most. An answer that turns out not to be
for storing is waited for by nobody: each of them runs the handler, and for some seconds so does who asks alike.

**Bodies go to the client as they come**, and are stored when the handler has ended them, up to \`maxBodyBytes\`, and all that are
being made up to \`maxRecordingBytes\` together. What is longer, what is cut short, an endless
\`text/event-stream\` and what has fewer bytes than it says is not stored.

**Fields that middleware before it sets** (session cookies, request ids, rules for browsers) are no part of what is stored: that middleware runs for each request.

**What it does not do**: it stores no answer to HEAD and no part of one, asks the handler no conditions of its own, and stores answers for a day at most.

## What a handler has to say

An answer that depends on more than its URL names the fields in \`Vary\`, also \`X-Forwarded-Host\` and its like (where Express
trusts a proxy, the host that it says is part of the key); one that depends on who asks says \`private\`. A cache
cannot see what a handler looks at. Where \`key\` replaces the URL, an unsafe request takes away what its own \`key\` gives.
`;
