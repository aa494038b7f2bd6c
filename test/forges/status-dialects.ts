import { buildKey } from '../../src/forge/build-status.ts';
import type { ForgeType } from '../../src/model/forge-type.ts';

/** A status as a forge keeps it, in its own words. */
export interface DialectStatus {
  readonly commit: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
}

/** How statuses are told to one forge and asked of it. */
export interface StatusDialect {
  /** Path of the clone URL. */
  readonly repository: string;
  /** Path where the API begins, when the clone URL does not say. */
  readonly apiPath?: string;
  /** What the forge keeps of a write. */
  readonly read: (body: Readonly<Record<string, unknown>>) => Omit<DialectStatus, 'commit'>;
  /** The answer to a question after the statuses of a commit, newest last; undefined is a 404. */
  readonly show: (statuses: readonly DialectStatus[], url: string) => unknown;
}

const newestOfEach = (statuses: readonly DialectStatus[]): readonly DialectStatus[] => [
  ...new Map(statuses.map((status) => [status.context, status])).values(),
];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const gitea: StatusDialect = {
  repository: '/acme/fleet.git',
  read: ({ context, state, description }) => ({
    context: text(context),
    state: text(state),
    description: text(description),
  }),
  show: (statuses, url) => ({
    statuses: /page=1\b/.test(url)
      ? newestOfEach(statuses).map(({ state: status, ...rest }) => ({
          ...rest,
          status,
          target_url: '',
        }))
      : [],
  }),
};

const bitbucket: Pick<StatusDialect, 'read' | 'show'> = {
  read: ({ name, state, description }) => ({
    context: text(name),
    state: text(state),
    description: text(description),
  }),
  show: (statuses, url) => {
    const found = statuses.findLast(({ context }) => url.endsWith(buildKey(context)));
    return found && { ...found, url: 'https://pages.example/1' };
  },
};

export const STATUS_DIALECTS: Readonly<Record<ForgeType, StatusDialect>> = {
  gitea,
  github: {
    ...gitea,
    show: (statuses) => ({
      statuses: newestOfEach(statuses).map((status) => ({ ...status, target_url: null })),
    }),
  },
  gitlab: {
    ...gitea,
    read: ({ name, state, description }) => ({
      context: text(name),
      state: text(state),
      description: text(description),
    }),
    show: (statuses) =>
      statuses.map(({ context: name, state: status, description }, id) => ({
        id,
        name,
        status,
        description,
        target_url: null,
      })),
  },
  'bitbucket-cloud': { ...bitbucket, repository: '/acme/fleet.git', apiPath: '/2.0' },
  'bitbucket-data-center': { ...bitbucket, repository: '/scm/OPS/fleet.git' },
  'azure-devops': {
    repository: '/acme/shop/_git/fleet',
    read: ({ context, state, description }) => {
      const { genre, name } = context as Record<string, unknown>;
      return {
        context: `${text(genre)}/${text(name)}`,
        state: text(state),
        description: text(description),
      };
    },
    show: (statuses) => ({
      value: newestOfEach(statuses).map(({ context, ...rest }) => {
        const slash = context.indexOf('/');
        const parts = { genre: context.slice(0, slash), name: context.slice(slash + 1) };
        return { ...rest, context: parts };
      }),
    }),
  },
};
