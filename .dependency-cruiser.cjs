// Who may import whom (docs/architecture.md). Read a rule as: "from … never to …".
const own = '^(schemas|workflows|plugins|platform|builder-ui|test)/';
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', 'One direction of imports.', {}, { circular: true }),
    forbid(
      'schemas-import-nothing-of-ours',
      'Schemas are the root.',
      { path: '^schemas/' },
      { path: own, pathNot: '^schemas/' },
    ),
    forbid(
      'engine-knows-only-schemas',
      'The engine is pure: no Node, no Temporal, nothing of ours but schemas.',
      { path: '^workflows/engine/src', pathNot: '\\.test\\.ts$' },
      { path: own, pathNot: '^(workflows/engine|schemas)/' },
    ),
    forbid(
      'engine-knows-no-node',
      'The engine runs in the workflow sandbox and in the browser.',
      { path: '^workflows/engine/src', pathNot: '\\.test\\.ts$' },
      { dependencyTypes: ['core'] },
    ),
    forbid(
      'workflow-bundle-is-small',
      'The bundled workflow sees only the engine and @temporalio/workflow.',
      { path: '^workflows/temporal/src/workflow/' },
      { path: '^(schemas|plugins|platform|workflows/temporal/src/(?!workflow/|protocol))' },
    ),
    forbid(
      'plugins-see-only-the-kit',
      'A plugin sees the kit and its own dependencies.',
      { path: '^plugins/(?!kit/)([^/]+)/' },
      { path: own, pathNot: ['^plugins/kit/', '^plugins/$1/'] },
    ),
    forbid(
      'kit-sees-only-schemas',
      '',
      { path: '^plugins/kit/' },
      { path: own, pathNot: '^(plugins/kit|schemas)/' },
    ),
    forbid(
      'mongoose-stays-in-the-store',
      '',
      { path: own, pathNot: '^(platform/store|platform/stack|test)/' },
      { path: 'node_modules/(mongoose|mongodb)/' },
    ),
    forbid(
      'express-stays-in-the-api',
      '',
      { path: own, pathNot: '^platform/api/' },
      { path: 'node_modules/express/' },
    ),
    forbid(
      'services-know-no-express',
      'Routes translate, services decide.',
      { path: '^platform/api/src/services/' },
      { path: 'node_modules/(express|helmet|express-rate-limit)/' },
    ),
    forbid(
      'store-knows-no-host',
      '',
      { path: '^platform/store/' },
      { path: '^(platform/(?!store)|workflows/temporal|plugins)' },
    ),
    forbid(
      'api-knows-no-host',
      'The API starts runs through a port.',
      { path: '^platform/api/src' },
      { path: '^(platform/(stack|cli)|workflows/temporal|plugins/(?!kit))' },
    ),
    forbid(
      'screens-reach-the-platform-over-http',
      '',
      { path: '^builder-ui/' },
      { path: '^(platform|plugins|workflows/temporal)/' },
    ),
    forbid(
      'only-roots-name-plugins',
      'Composition roots alone know plugin names.',
      { path: own, pathNot: '^(platform/stack|test|plugins)/' },
      { path: '^plugins/(?!kit/)' },
    ),
    forbid(
      'declared-dependencies',
      'An undeclared import resolves only by accident of hoisting.',
      { path: own },
      { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|generated)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      conditionNames: ['@sojourn/source', 'import', 'require', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
