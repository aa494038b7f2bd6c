import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boundedRenderer } from '../../src/engine/bounded-renderer.ts';
import { liveScope } from '../fakes/scope.ts';
import { PROGRAM_FOLDER } from '../fakes/service-process.ts';
import { ServiceWorld, type Fleet } from '../fakes/service-world.ts';

const WORKER = join(PROGRAM_FOLDER, 'render.worker.js');
/** Backtracks longer than anybody lives. */
const ENDLESS_EXPRESSION = `\n{{ regexMatch "^(a+)+$" "${'a'.repeat(60)}b" }}`;

function operatorPackage(name: string, template: string): Record<string, string> {
  const folder = `operators/${name}`;
  return {
    [`${folder}/operator.yaml`]: `
apiVersion: kudo.dev/v1beta1
name: ${name}
operatorVersion: "1.0.0"
kubernetesVersion: 1.25.0
maintainers: []
tasks:
  - name: config
    kind: Apply
    spec: { resources: [config.yaml] }
plans:
  deploy:
    strategy: serial
    phases:
      - name: main
        strategy: serial
        steps: [{ name: config, tasks: [config] }]
`,
    [`${folder}/params.yaml`]: `
apiVersion: kudo.dev/v1beta1
parameters: [{ name: COLOUR, default: blue }]
`,
    [`${folder}/templates/config.yaml`]: template,
  };
}

function instance(name: string): string {
  return `
apiVersion: kudo.dev/v1beta1
kind: Instance
metadata: { name: ${name} }
spec: { operatorVersion: { name: ${name}-1.0.0 }, parameters: { COLOUR: red } }
`;
}

const CONFIG_MAP = `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Name }}-config" }
data: { colour: "{{ .Params.COLOUR }}" }
`;
const ENDLESS = `${CONFIG_MAP}{{ range until 9000 }}
{{ range until 9000 }}{{ end }}
{{ end }}`;

/** Why: whoever may push a package must not be able to stop everybody else's plans. */
describe('a package whose template never ends', () => {
  let world: ServiceWorld;
  let fleet: Fleet;
  beforeAll(async () => {
    world = await ServiceWorld.start();
    fleet = await world.fleet({
      ...operatorPackage('endless', ENDLESS),
      ...operatorPackage('modest', CONFIG_MAP),
      'endless.yaml': instance('endless'),
      'modest.yaml': instance('modest'),
    });
    await fleet.sync();
  });
  afterAll(async () => {
    await fleet.leave();
    await world.stop();
  });

  it('ends in FATAL_ERROR that names the line, and the others are deployed', async () => {
    const head = await fleet.head();
    await expect
      .poll(() => fleet.rollouts(head).map(({ status }) => status?.phase), { timeout: 30_000 })
      .toEqual(['failed']);
    const changes = fleet.rollouts(head)[0]?.status?.changes ?? {};
    expect(changes[`${fleet.name}/modest/0`]).toMatchObject({ state: 'succeeded' });
    expect(changes[`${fleet.name}/endless/0`]).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(
        /FATAL_ERROR in deploy\.main\.config.*config\.yaml:[56]:\d+: /,
      ),
    });
  });
});

describe('rendering in a thread of its own', () => {
  it('gives up on what cannot be counted, and renders the next template', async () => {
    const scope = liveScope();
    const renderer = boundedRenderer(WORKER, scope, { timeoutMs: 2_000, maxHeapMb: 128 });
    try {
      const endless = await renderer.render('endless.yaml', ENDLESS_EXPRESSION, {});
      expect(endless).toMatchObject({
        ok: false,
        message: 'template endless.yaml: no answer after 2000 ms',
      });
      const modest = await renderer.render('modest.yaml', '{{ .Name }}', { Name: 'orders' });
      expect(modest).toEqual({ ok: true, text: 'orders' });
    } finally {
      await renderer.close();
      scope.stop();
    }
  });

  it('survives a template that takes all the memory it may have', async () => {
    const scope = liveScope();
    const renderer = boundedRenderer(WORKER, scope, { timeoutMs: 20_000, maxHeapMb: 32 });
    try {
      const text = '{{ $x := until 9000 }}{{ range until 30 }}{{ $x = concat $x $x }}{{ end }}';
      const greedy = await renderer.render('greedy.yaml', text, {});
      expect(greedy).toMatchObject({
        ok: false,
        message: expect.stringContaining('memory limit') as string,
      });
      const modest = await renderer.render('modest.yaml', '{{ .Name }}', { Name: 'orders' });
      expect(modest).toEqual({ ok: true, text: 'orders' });
    } finally {
      await renderer.close();
      scope.stop();
    }
  });
});
