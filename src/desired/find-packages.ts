import { parseYamlDocuments, type YamlDocument } from '../lib/go-yaml.ts';
import { isBelow, isYaml, type LayeredFile } from './select-files.ts';

/** A folder in KUDO's package format. */
export interface PackageFolder {
  /** Relative to the repository's root; the root itself is empty. */
  readonly folder: string;
  readonly layer: number;
  /** `operator.yaml`, `params.yaml` and `templates/…` by their path inside the folder. */
  readonly files: ReadonlyMap<string, string>;
  /** Of `operator.yaml`, for positions; undefined when it cannot be parsed. */
  readonly operatorYaml: YamlDocument | undefined;
}

const OPERATOR_FILE = 'operator.yaml';
const PARAMS_FILE = 'params.yaml';
const TEMPLATES = 'templates';

/** Splits the files into packages and all other YAML files. */
export function findPackages(files: readonly LayeredFile[]): {
  readonly packages: readonly PackageFolder[];
  readonly others: readonly LayeredFile[];
} {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const packages: PackageFolder[] = [];
  const taken = new Set<string>();
  for (const file of operatorFiles(files)) {
    if (taken.has(file.path)) continue;
    const folder = folderOf(file.path);
    const own = packageFiles(files, folder, byPath);
    const [operatorYaml] = parseYamlDocuments(file.text).documents;
    if (!looksLikePackage(operatorYaml?.value, own)) continue;
    for (const inside of own.keys()) taken.add(joined(folder, inside));
    packages.push({ folder, layer: file.layer, files: own, operatorYaml });
  }
  return { packages, others: files.filter(({ path }) => isYaml(path) && !taken.has(path)) };
}

/** Outer folders first: an operator.yaml among a package's templates is a template. */
function operatorFiles(files: readonly LayeredFile[]): readonly LayeredFile[] {
  return files
    .filter(({ path }) => path === OPERATOR_FILE || path.endsWith(`/${OPERATOR_FILE}`))
    .toSorted((a, b) => a.path.split('/').length - b.path.split('/').length);
}

function packageFiles(
  files: readonly LayeredFile[],
  folder: string,
  byPath: ReadonlyMap<string, LayeredFile>,
): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const name of [OPERATOR_FILE, PARAMS_FILE]) {
    const file = byPath.get(joined(folder, name));
    if (file) own.set(name, file.text);
  }
  const templates = joined(folder, TEMPLATES);
  for (const { path, text } of files) {
    if (path !== templates && isBelow(path, templates)) {
      own.set(folder === '' ? path : path.slice(folder.length + 1), text);
    }
  }
  return own;
}

/** A plain Operator object may also stand in a file named operator.yaml; it has a `kind`. */
function looksLikePackage(value: unknown, files: ReadonlyMap<string, string>): boolean {
  if (typeof value === 'object' && value !== null) {
    if ('kind' in value) return false;
    if ('tasks' in value || 'plans' in value || 'operatorVersion' in value) return true;
  }
  return files.has(PARAMS_FILE) || files.size > 1;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
