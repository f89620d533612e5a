// What verbs cost beside the calls of the raw drivers that do the same: `npm run bench -- verbs --help`.
import { main } from './verbs/main.js';

process.exitCode = await main(process.argv.slice(3));
