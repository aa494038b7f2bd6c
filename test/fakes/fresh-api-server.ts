import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createKubeClient, type KubeClientOptions } from '../../src/cluster/http-kube-client.ts';
import type { KubeClient } from '../../src/cluster/kube-client.ts';
import { loadKubeConfig } from '../../src/cluster/kube-config.ts';
import { FakeApiServer } from './fake-api-server.ts';
import { liveScope } from './scope.ts';

/** An API server for one test, and how to reach it. */
export interface FreshApiServer {
  readonly server: FakeApiServer;
  /** Where files of the test may be. */
  readonly folder: string;
  /** The kubeconfig, in `folder`. */
  readonly file: string;
  /** Stops when the test has ended. */
  readonly scope: ReturnType<typeof liveScope>;
  readonly connect: (options?: Partial<KubeClientOptions>) => Promise<KubeClient>;
}

/** Starts another API server before each test of the calling file. */
export function freshApiServers(): FreshApiServer {
  let scope = liveScope();
  let server = new FakeApiServer();
  let folder = '';
  const fileIn = (): string => path.join(folder, 'config');
  beforeEach(async () => {
    scope = liveScope();
    server = new FakeApiServer();
    await server.start();
    folder = await mkdtemp(path.join(tmpdir(), 'kube-client-'));
    await writeFile(fileIn(), server.kubeconfig());
  });
  afterEach(async () => {
    scope.stop();
    await server.stop();
    await rm(folder, { recursive: true });
  });
  return {
    get server() {
      return server;
    },
    get folder() {
      return folder;
    },
    get file() {
      return fileIn();
    },
    get scope() {
      return scope;
    },
    connect: async (options = {}) => {
      const access = await loadKubeConfig({ kubeconfig: fileIn(), env: {} });
      return createKubeClient(access, { userAgent: 'kudo-gitops/test', ...options });
    },
  };
}
