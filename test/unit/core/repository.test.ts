import { describe, expect, it } from 'vitest';
import { entity, MemoryDatabase, Repository, text, ValidationError } from '../../../src/index.js';

const Tag = entity('tags', { name: text().max(50).primaryKey() });

describe('a repository', () => {
  it('refuses options that there are not: a misspelt `use` would leave it without its scope', () => {
    const make = (options: object) => () => new Repository(new MemoryDatabase(), Tag, options);
    expect(make({ uses: [] })).toThrow(new TypeError('Unknown option `uses`: known are clock, cursorKey, use'));
    expect(make({ relations: {} })).toThrow(TypeError);
    expect(make({ use: undefined, clock: undefined })).not.toThrow();
  });

  it('refuses what is no entity, such as the two in the other order', () => {
    const wrong = () => new Repository(Tag as never, new MemoryDatabase() as never);
    expect(wrong).toThrow(ValidationError);
    expect(wrong).toThrow('must be an entity, made by `entity()`');
  });
});
