const PURE = '^src/(model|kudo|desired|plan)/';

/** What each folder may import besides itself (docs/architecture.md shows it as a picture). */
const MAY_IMPORT = {
  lib: [],
  model: ['lib'],
  kudo: ['lib', 'model'],
  source: ['lib', 'model'],
  desired: ['lib', 'model', 'kudo'],
  cluster: ['lib', 'model', 'kudo'],
  plan: ['lib', 'model', 'kudo'],
  act: ['lib', 'model', 'kudo', 'cluster'],
  forge: ['lib', 'model'],
  report: ['lib', 'model', 'plan', 'source', 'forge', 'cluster'],
  reconcile: [
    ...['lib', 'model', 'kudo', 'source', 'desired', 'cluster'],
    ...['plan', 'act', 'forge', 'report'],
  ],
  engine: ['lib', 'model', 'kudo', 'cluster'],
  audit: ['lib', 'model', 'kudo', 'source', 'desired', 'cluster'],
  web: ['lib', 'model', 'kudo', 'forge', 'report', 'reconcile', 'audit'],
  sandbox: ['lib', 'model', 'kudo', 'engine'],
  commands: [
    ...['lib', 'model', 'kudo', 'source', 'desired', 'cluster', 'plan', 'act', 'forge'],
    ...['report', 'reconcile', 'engine', 'audit', 'web', 'sandbox'],
  ],
};

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-folders-have-no-effects',
      comment: 'model, kudo, desired and plan compute; they never reach outside the process.',
      severity: 'error',
      from: { path: PURE, pathNot: '\\.test\\.ts$' },
      to: {
        path: [
          '^src/lib/(scope|log)\\.ts$',
          '^node:',
          '^(fs|child_process|net|http|https|timers|process|os|events|worker_threads|crypto)(/|$)',
        ],
      },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^test/' },
      to: { path: '\\.test\\.ts$|^test/' },
    },
    {
      name: 'only-main-wires',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|wire)\\.ts$' },
      to: { path: '^src/(main|wire)\\.ts$' },
    },
    ...Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import: ${allowed.join(', ') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed].join('|')})/` },
    })),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
