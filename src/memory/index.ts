export { MemoryDatabase, type MemoryOptions } from './database.js';
