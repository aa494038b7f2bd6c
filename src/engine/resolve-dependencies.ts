import { goQuote } from '../kudo/go-text.ts';
import { operatorVersionName, qualifiedName } from '../kudo/object-names.ts';
import type { OperatorVersion, TaskSpec } from '../kudo/objects.ts';

/** Reads what is installed in the OperatorVersion's namespace; undefined when it is missing. */
export interface InstalledOperators {
  operatorVersion(name: string): Promise<OperatorVersion | undefined>;
  hasOperator(name: string): Promise<boolean>;
}

/**
 * What is wrong with the operators that `root` depends on, directly or through others: one that is
 * not installed, or a cycle; undefined when all is well. In KUDO's words
 * (resources/dependencies/resolve.go:85-166, instance/resolver_incluster.go).
 */
export async function dependencyProblem(
  root: OperatorVersion,
  installed: InstalledOperators,
): Promise<string | undefined> {
  return new DependencyWalk(installed, root.metadata.namespace ?? '').visit(root);
}

class DependencyWalk {
  readonly #installed: InstalledOperators;
  readonly #namespace: string;
  /** Which full name depends on which. */
  readonly #edges = new Map<string, Set<string>>();

  constructor(installed: InstalledOperators, namespace: string) {
    this.#installed = installed;
    this.#namespace = namespace;
  }

  async visit(parent: OperatorVersion): Promise<string | undefined> {
    const parentName = qualifiedName(parent);
    if (!this.#edges.has(parentName)) this.#edges.set(parentName, new Set());
    for (const task of parent.spec?.tasks ?? []) {
      if (task.kind !== 'KudoOperator') continue;
      const problem = await this.#follow(parentName, task.spec);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  async #follow(parentName: string, spec: TaskSpec): Promise<string | undefined> {
    const child = await this.#resolve(spec);
    if (typeof child === 'string')
      return `failed to resolve package ${described(spec)}, dependency of package ${parentName}: ${child}`;
    const childName = qualifiedName(child);
    const isNew = !this.#edges.has(childName);
    this.#edges.get(parentName)?.add(childName);
    if (isNew) this.#edges.set(childName, new Set());
    if (this.#reaches(childName, parentName, new Set()))
      return `cyclic package dependency found when adding package ${parentName} -> ${childName}`;
    return isNew ? this.visit(child) : undefined;
  }

  async #resolve(spec: TaskSpec): Promise<OperatorVersion | string> {
    const operator = spec.package ?? '';
    const name = operatorVersionName(operator, spec.appVersion ?? '', spec.operatorVersion ?? '');
    const found = await this.#installed.operatorVersion(name);
    if (found === undefined)
      return `failed to resolve operator version ${this.#namespace}/${name}:${spec.appVersion ?? ''}`;
    if (!(await this.#installed.hasOperator(operator)))
      return `failed to resolve operator ${this.#namespace}/${operator}`;
    return found;
  }

  #reaches(from: string, to: string, seen: Set<string>): boolean {
    if (from === to) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return [...(this.#edges.get(from) ?? [])].some((next) => this.#reaches(next, to, seen));
  }
}

function described(spec: TaskSpec): string {
  const [name, version, appVersion] = [
    spec.package ?? '',
    spec.operatorVersion || 'any',
    spec.appVersion || 'any',
  ].map(goQuote);
  return `Operator: ${name}, OperatorVersion: ${version}, AppVersion ${appVersion}`;
}
