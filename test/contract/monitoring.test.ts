import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeWith, findProgram } from '../support/programs.js';
import { scrape } from '../support/scrape.js';
import { TestApp } from '../support/test-app.js';

const PROMETHEUS = resolve('deploy', 'prometheus');
const read = (file: string): string => readFileSync(resolve('deploy', file), 'utf8');

/** Words in a query that are not our metrics: functions, operators, and metrics of Prometheus itself. */
const NOT_OURS = new Set(
  'absent up and or by sum min max count rate increase changes histogram_quantile label_values instance unless offset'.split(
    ' ',
  ),
);

/** Names of metrics in a query, without the suffixes of histogram series. */
function metricsIn(query: string): string[] {
  const bare = query.replace(/\{[^}]*\}|"[^"]*"|\[[^\]]*\]|\b(?:by|label_values) ?\([^)]*\)/g, (part) =>
    part.startsWith('label_values') ? (part.match(/\((\w+)/)?.[1] ?? '') : ' ',
  );
  const names = bare.match(/\b[a-z_]\w*/g) ?? [];
  return names.filter((name) => !NOT_OURS.has(name)).map((name) => name.replace(/_(?:bucket|sum|count)$/, ''));
}

/** All queries in the dashboard's JSON: the values of `expr` and `query`. */
function queriesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'string' && (key === 'expr' || (key === 'query' && inner.includes('(')))
      ? inner
      : queriesOf(inner),
  );
}

describe('deploy/grafana/dashboard.json and deploy/prometheus/alerts.yml', () => {
  const dashboard = JSON.parse(read('grafana/dashboard.json')) as {
    panels: { id: number; title: string; type: string; gridPos: { x: number; y: number; w: number } }[];
  };
  const alerts = read('prometheus/alerts.yml');
  const expressions = [...alerts.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.*))/g)].map(
    ([, block = '', line = '']) => block + line,
  );

  it('query only metrics that the service exports', async () => {
    const app = await TestApp.start();
    const exported = new Set([...(await scrape(app.url)).matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name));
    await app.stop();
    const queried = [...queriesOf(dashboard), ...expressions].flatMap(metricsIn);
    expect(queried.length).toBeGreaterThan(60);
    expect([...new Set(queried)].filter((name) => !exported.has(name))).toEqual([]);
  });

  it('give every alert a severity, a summary and a runbook', () => {
    const rules = alerts.split(/- alert: /).slice(1);
    expect(expressions).toHaveLength(rules.length);
    for (const rule of rules) {
      expect(rule).toMatch(/severity: (critical|warning)\n/);
      expect(rule).toMatch(/summary: .+\n/);
      expect(rule).toMatch(/runbook: .{60,}\n?/);
    }
  });

  it('have panels with unique ids and positions, within the grid', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });
});

describeWith('promtool', 'prometheus')('the Prometheus files', () => {
  it.each([
    ['the configuration', ['check', 'config', 'prometheus.yml']],
    ['the alerts', ['check', 'rules', 'alerts.yml']],
    ['the tests of the alerts', ['test', 'rules', 'alerts.test.yml']],
  ])('pass promtool: %s', (_what, args) => {
    const promtool = findProgram('promtool') ?? '';
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: PROMETHEUS, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('SUCCESS');
  });
});
