import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chain, type Link } from '../../../src/util/chain.js';

describe('Chain', () => {
  it('holds what a Set holds, in its order, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant('add' as const), fc.nat(50)), { maxLength: 80 }), (steps) => {
        const chain = new Chain<number>();
        const model = new Set<number>();
        const links: Link<number>[] = [];
        for (const [i, step] of steps.entries()) {
          if (step === 'add') {
            links.push(chain.add(i));
            model.add(i);
          } else if (links.length > 0) {
            const link = links[step % links.length]!;
            expect(chain.has(link)).toBe(model.has(link.value));
            expect(chain.delete(link)).toBe(model.delete(link.value));
          }
          expect(chain.values()).toEqual([...model]);
          expect(chain.size).toBe(model.size);
          expect(chain.first?.value).toBe([...model][0]);
        }
      }),
    );
  });
});
