/** One program built from a Go package. */
export interface Binary {
  readonly name: string;
  /** An import path, or a folder of our own module (`./manager`). */
  readonly package: string;
  readonly cgo?: boolean;
  readonly tags?: string;
  /** `-X` settings: what the project's own release would have linked in. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Measured on two cores with an empty build cache; tells the waiting person what to expect. */
  readonly coldMinutes: number;
}

/** Files of a Go module that a program reads at run time; the module cache may vanish later. */
export interface Assets {
  readonly module: string;
  /** Folder in the module → folder in the cache. */
  readonly folders: Readonly<Record<string, string>>;
}

/** What is built from one folder below `tools/`. */
export interface Tool {
  readonly binaries: readonly Binary[];
  readonly assets?: Assets;
}

export type ToolName = 'etcd' | 'kubernetes' | 'kudo' | 'gitea' | 'kwok';

const KUBERNETES_VERSION = {
  'k8s.io/component-base/version.gitVersion': 'v1.36.3',
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '36',
};

function kubernetes(name: string, coldMinutes: number): Binary {
  return {
    name,
    package: `k8s.io/kubernetes/cmd/${name}`,
    variables: KUBERNETES_VERSION,
    coldMinutes,
  };
}

/** What a test cluster is made of. Versions are in the go.mod files below `tools/`. */
export const TOOLS: Readonly<Record<ToolName, Tool>> = {
  etcd: {
    binaries: [{ name: 'etcd', package: 'go.etcd.io/etcd/server/v3', coldMinutes: 1 }],
  },
  kubernetes: {
    binaries: [
      kubernetes('kube-apiserver', 8),
      kubernetes('kube-controller-manager', 3),
      kubernetes('kube-scheduler', 1),
    ],
  },
  kudo: {
    binaries: [
      { name: 'kudo-manager', package: './manager', coldMinutes: 2 },
      { name: 'kudo-oracle', package: './oracle', coldMinutes: 1 },
    ],
    assets: { module: 'github.com/kudobuilder/kudo', folders: { 'config/crds': 'crds' } },
  },
  gitea: {
    binaries: [
      {
        name: 'gitea',
        package: 'code.gitea.io/gitea',
        cgo: true,
        tags: 'sqlite sqlite_unlock_notify',
        variables: { 'main.Version': '1.26.0' },
        coldMinutes: 7,
      },
    ],
    assets: {
      module: 'code.gitea.io/gitea',
      folders: {
        templates: 'static/templates',
        options: 'static/options',
        public: 'static/public',
      },
    },
  },
  kwok: {
    binaries: [
      {
        name: 'kwok',
        package: 'sigs.k8s.io/kwok/cmd/kwok',
        variables: { 'sigs.k8s.io/kwok/pkg/consts.Version': 'v0.8.0' },
        coldMinutes: 1,
      },
    ],
  },
};
