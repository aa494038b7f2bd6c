import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { ServiceWorld, type Fleet } from './service-world.ts';
import { tinyFiles } from './tiny-operator.ts';

/** Parameters by Instance. */
export type Instances = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One service for the tests of a file, and the fleets that they ask for. */
export interface Fleets {
  readonly world: ServiceWorld;
  /** A repository with these files; its Sync is the test's to create. */
  readonly fleet: (files?: Readonly<Record<string, string>>) => Promise<Fleet>;
  /** A fleet that has converged on these Instances of the tiny operator, and on these files beside them. */
  readonly converged: (
    instances: Instances,
    spec?: Readonly<Record<string, unknown>>,
    files?: Readonly<Record<string, string>>,
  ) => Promise<Fleet>;
}

/** Starts the service before the tests of the calling file. Fleets and faults go with the test that made them. */
export function startFleets(): Fleets {
  let world: ServiceWorld | undefined;
  const made: Fleet[] = [];
  const started = (): ServiceWorld => {
    if (!world) throw new Error('the service starts before the first test, not earlier');
    return world;
  };
  beforeAll(async () => {
    world = await ServiceWorld.start();
  });
  afterAll(async () => {
    await started().stop();
  });
  afterEach(async () => {
    const { api, git } = started().sandbox;
    api.setFaults(undefined);
    git.faults.clear();
    await Promise.all(made.splice(0).map((fleet) => fleet.leave()));
  });
  const fleet: Fleets['fleet'] = async (files) => {
    const one = await started().fleet(files);
    made.push(one);
    return one;
  };
  return {
    get world() {
      return started();
    },
    fleet,
    converged: async (instances, spec, files) => {
      const one = await fleet({ ...tinyFiles(instances), ...files });
      await one.sync(spec);
      await expectSoon(() => one.ready()).toMatch(/^True Succeeded/);
      return one;
    },
  };
}

/** Looks until it is so; only a test that fails takes as long as `timeout`, in milliseconds. */
export function expectSoon<T>(
  look: () => Promise<T> | T,
  timeout = 30_000,
): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout, interval: 40 });
}
