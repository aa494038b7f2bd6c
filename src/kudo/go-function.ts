/** A function of templates, whose arguments are of the types that its signature names. */
export type GoFunction = (...args: readonly unknown[]) => unknown;
