const { readdirSync } = require('node:fs');

/**
 * The import order, top to bottom: for each folder with subfolders, its parts. A part imports only parts on lines below
 * its own, so parts on the same line do not import each other. `.` is the folder's own files.
 */
const ORDER = {
  src: [
    ['.'],
    ['commands'],
    ['doctor'],
    ['settings'],
    ['admin', 'realtime'],
    ['migrations'],
    ['account'],
    ['auth'],
    ['users'],
    ['mail', 'audit'],
    ['jobs', 'dev-database'],
    ['fastapi'],
    ['platform'],
    ['access'],
  ],
  'src/auth': [
    ['.'],
    ['guards', 'recovery'],
    ['sign-in'],
    ['links'],
    ['api-keys', 'sessions'],
    ['tokens', 'passwords'],
  ],
  'src/auth/passwords': [['.'], ['hashing']],
  'src/auth/recovery': [['.'], ['pages']],
  'src/auth/sign-in': [['.'], ['factors']],
  'src/doctor': [['.'], ['checks'], ['facts']],
  'src/fastapi': [
    ['.'],
    ['docs-pages'],
    ['openapi', 'pagination'],
    ['validation'],
    ['body'],
    ['errors'],
    ['cors', 'routing', 'json'],
  ],
  'src/mail': [['.'], ['preview', 'transports'], ['messages'], ['settings']],
  'src/platform': [
    ['health', 'rate-limit', 'pagination', 'cache'],
    ['database'],
    ['metrics'],
    ['http'],
    ['logging'],
    ['config', 'discovery', 'processes'],
  ],
};

/** The entry points of processes and threads. */
const ENTRIES = '^src/((main|cli)[.]ts|.+[.]mjs)$';

function patternOf(folder, part) {
  return part === '.' ? `^${folder}/[^/]+$` : `^${folder}/${part}/`;
}

function orderRules([folder, lines]) {
  return lines.flatMap((line, index) =>
    line.flatMap((part) => {
      const notBelow = [...lines.slice(0, index).flat(), ...line].filter((other) => other !== part);
      if (notBelow.length === 0) return [];
      return {
        name: `order-of-${folder}`,
        comment: 'Imports point downward in ORDER of .dependency-cruiser.cjs: move code that both parts need downward.',
        severity: 'error',
        from: { path: patternOf(folder, part) },
        to: { path: notBelow.map((other) => patternOf(folder, other)) },
      };
    }),
  );
}

/** Throws if ORDER does not name a folder, since no rule would apply to it. */
function requireEveryFolder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory() || !readdirSync(path, { recursive: true }).some((file) => file.endsWith('.ts'))) continue;
    if (!ORDER[folder]?.flat().includes(entry.name)) {
      throw new Error(`${path} is missing in ORDER of .dependency-cruiser.cjs`);
    }
    requireEveryFolder(path);
  }
}

requireEveryFolder('src');

module.exports = {
  forbidden: [
    {
      name: 'no-circle-of-files',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circle-of-folders',
      severity: 'error',
      scope: 'folder',
      from: { path: '^src(/|$)' },
      to: { circular: true },
    },
    ...Object.entries(ORDER).flatMap(orderRules),
    {
      name: 'doctor-looks-from-outside',
      comment:
        'The doctor must run when the application cannot: it may import only settings, schema, database and mail server checks.',
      severity: 'error',
      from: { path: '^src/doctor/' },
      to: {
        path: '^src/',
        pathNot: ['^src/(doctor|settings|migrations|jobs|platform)/', '[.-]settings[.]ts$', '/smtp-mix-up[.]ts$'],
      },
    },
    {
      name: 'migrations-know-tables',
      comment: 'A migration outlives the code around it: it imports only entities and code below the features.',
      severity: 'error',
      from: { path: '^src/migrations/' },
      to: { path: '^src/', pathNot: ['^src/(migrations|jobs|platform)/', '[.]entity[.]ts$'] },
    },
    {
      name: 'no-orphans',
      comment: 'No entry point imports this file, directly or indirectly.',
      severity: 'error',
      from: { path: ENTRIES },
      to: { path: '^src/', pathNot: ENTRIES, reachable: false },
    },
    {
      name: 'no-dev-dependency',
      comment:
        'src/ imports only packages of `dependencies` and `optionalDependencies`: production does not install others.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolved-import',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-index-barrel',
      comment: 'Import the file that defines the name.',
      severity: 'error',
      from: {},
      to: { path: '/index[.][jt]s$', pathNot: 'node_modules' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Specs stay next to their subject and may import anything.
    exclude: { path: '[.]spec[.]ts$' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Imports of types count as imports.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
