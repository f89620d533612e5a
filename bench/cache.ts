// What the cache costs beside the bare driver and beside other caches, and what they promise: `npm run bench -- cache --help`.
import { main } from './cache/main.js';

process.exitCode = await main(process.argv.slice(3));
