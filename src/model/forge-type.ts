/** The programs that a Git host may run and that we speak to; `spec.forge.type` of a Sync. */
export const FORGE_TYPES = [
  'github',
  'gitlab',
  'gitea',
  'bitbucket-cloud',
  'bitbucket-data-center',
  'azure-devops',
] as const;

export type ForgeType = (typeof FORGE_TYPES)[number];
