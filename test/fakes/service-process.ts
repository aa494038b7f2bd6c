import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts, startProcess, waitFor, type RunningProcess } from '../cluster/processes.ts';
import { FLEET } from './fleet-sync.ts';

/** Folder of the built program: that of `npm run build` unless the environment names another. */
export const PROGRAM_FOLDER =
  process.env['KUDO_GITOPS_PROGRAM'] ?? fileURLToPath(new URL('../../dist/', import.meta.url));

export interface ServiceWish {
  /** Where its log, its mirrors and its temporary files go. */
  readonly dir: string;
  readonly kubeconfig: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default: the one that `npm run build` fills. */
  readonly programFolder?: string;
  /** More arguments. */
  readonly args?: readonly string[];
}

/** `kudo-gitops run` as a process of its own. */
export interface ServiceProcess extends RunningProcess {
  /** Where its pages, webhooks and metrics are. */
  readonly url: string;
}

/** Starts the built service; resolves as soon as the process runs. */
export async function startServiceProcess({
  dir,
  kubeconfig,
  port,
  programFolder = PROGRAM_FOLDER,
  args = [],
}: ServiceWish): Promise<ServiceProcess> {
  const address = `127.0.0.1:${String(port ?? (await freePorts(1))[0])}`;
  const url = `http://${address}`;
  const child = await startProcess({
    name: 'kudo-gitops',
    command: process.execPath,
    dir,
    args: [
      join(programFolder, 'kudo-gitops.js'),
      'run',
      `--kubeconfig=${kubeconfig}`,
      `--cluster-name=${FLEET.cluster}`,
      `--listen=${address}`,
      `--public-url=${url}`,
      `--mirrors=${join(dir, 'mirrors')}`,
      ...args,
    ],
  });
  return { ...child, url };
}

/** Copies the program, so that building it anew changes nothing for a service that is started again and again. */
export async function copyProgram(dir: string): Promise<string> {
  const copy = join(dir, 'program');
  await cp(PROGRAM_FOLDER, copy, {
    recursive: true,
    filter: (file) => !file.endsWith('.map'),
  });
  return copy;
}

/** Waits until the service has its first look at the cluster behind it. */
export async function serviceReady(service: ServiceProcess): Promise<void> {
  const isReady = async (): Promise<boolean> => (await fetch(`${service.url}/readyz`)).ok;
  await waitFor('the service', isReady, { process: service });
}
