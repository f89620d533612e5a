export { MemoryDatabase, type MemoryDatabaseOptions } from './database.js';
