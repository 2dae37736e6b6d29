import { oneOfNodes, op, refuse, rewrite, value, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-space-to-depth-and-back',
  summary: 'Remove a SpaceToDepth and the DepthToSpace that undoes it, in either order.',
  why: 'Blocks that compute at a lower resolution stand next to one another, and nothing is left between them.',
  exact: true,

  pattern: oneOfNodes(
    op('DepthToSpace', 'toSpace', op('SpaceToDepth', 'inner', value('x'))),
    op('SpaceToDepth', 'toDepth', op('DepthToSpace', 'inner', value('x'))),
  ),

  rewrite({ toSpace, toDepth, inner, x }, context) {
    const outer = toSpace ?? toDepth;
    if (outer === undefined || inner === undefined || x === undefined) return undefined;
    const blocks = [inner, outer].map((node) => context.attributes(node).int('blocksize'));
    if (blocks[0] === undefined || blocks[0] !== blocks[1]) return refuse('their blocks are of different sizes');
    const depthToSpace = toSpace ?? inner;
    // SpaceToDepth puts blocks before channels, as DCR does; of one channel it makes no difference.
    const mode = context.attributes(depthToSpace).string('mode') ?? 'DCR';
    const space = context.shape(toSpace === undefined ? inner.output : x);
    if (mode !== 'DCR' && space?.[1]?.constant !== 1n) return refuse('one puts blocks first, the other channels');
    return wouldKeepIdentity(outer.output, x) ? undefined : context.replace(outer, x);
  },

  examples: [
    {
      title: 'to depth and back',
      before: `agraph (float[N,3,4,6] x) => (float[N,3,4,6] y) {
        d = SpaceToDepth <blocksize = 2> (x)
        s = DepthToSpace <blocksize = 2> (d)
        y = Neg (s)
      }`,
      after: `agraph (float[N,3,4,6] x) => (float[N,3,4,6] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'to space and back',
      before: `agraph (float[N,8,2,3] x) => (float[N,8,2,3] y) {
        s = DepthToSpace <blocksize = 2, mode = "DCR"> (x)
        d = SpaceToDepth <blocksize = 2> (s)
        y = Neg (d)
      }`,
      after: `agraph (float[N,8,2,3] x) => (float[N,8,2,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'channels first and blocks first are the same for one channel',
      before: `agraph (float[N,1,4,6] x) => (float[N,1,4,6] y) {
        d = SpaceToDepth <blocksize = 2> (x)
        s = DepthToSpace <blocksize = 2, mode = "CRD"> (d)
        y = Neg (s)
      }`,
      after: `agraph (float[N,1,4,6] x) => (float[N,1,4,6] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'channels first',
      before: `agraph (float[N,3,4,6] x) => (float[N,3,4,6] y) {
        d = SpaceToDepth <blocksize = 2> (x)
        y = DepthToSpace <blocksize = 2, mode = "CRD"> (d)
      }`,
      after: 'unchanged',
      because: 'one puts blocks first, the other channels',
    },
    {
      title: 'blocks of another size',
      before: `agraph (float[N,1,4,4] x) => (float[N,4,2,2] y) {
        d = SpaceToDepth <blocksize = 4> (x)
        y = DepthToSpace <blocksize = 2> (d)
      }`,
      after: 'unchanged',
      because: 'their blocks are of different sizes',
    },
  ],
});
