/** A file of the revision; `path` is relative to the repository's root, with `/`. */
export interface DesiredFile {
  readonly path: string;
  readonly text: string;
}

/** A YAML file and the index of the Sync's path that it lies below. */
export interface LayeredFile extends DesiredFile {
  readonly layer: number;
}

/** `./clusters/prod/` → `clusters/prod`; the root is empty. */
export function normalizePath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

/** True when `path` is the folder or file `root`, or lies below it. */
export function isBelow(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`);
}

/**
 * The YAML files and templates below `paths`, in the order of their names. A file below several paths belongs to
 * the last of them; hidden files and folders are left out.
 */
export function selectFiles(
  files: readonly DesiredFile[],
  paths: readonly string[],
): readonly LayeredFile[] {
  const roots = paths.map(normalizePath);
  return files
    .filter(({ path }) => isYaml(path) || isTemplate(path))
    .flatMap((file) => {
      const layer = roots.findLastIndex((root) => isBelow(file.path, root));
      const root = roots[layer];
      if (root === undefined || isHidden(file.path, root)) return [];
      return [{ path: file.path, text: file.text, layer }];
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** KUDO takes any name with `.yaml` in it as a template (packages/reader/parser.go). */
function isTemplate(path: string): boolean {
  return /(^|\/)templates\/.*\.yaml/.test(path);
}

/** The names that Kubernetes tools read as YAML. */
export function isYaml(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

function isHidden(path: string, root: string): boolean {
  const below = path === root ? '' : path.slice(root === '' ? 0 : root.length + 1);
  return below.split('/').some((part) => part.startsWith('.'));
}
