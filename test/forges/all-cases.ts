import type { ForgeType } from '../../src/model/forge-type.ts';
import { azureDevOpsCases } from './azure-devops-cases.ts';
import { bitbucketCloudCases } from './bitbucket-cloud-cases.ts';
import { bitbucketDataCenterCases } from './bitbucket-data-center-cases.ts';
import type { ForgeCases } from './forge-cases.ts';
import { giteaCases } from './gitea-cases.ts';
import { githubCases } from './github-cases.ts';
import { gitlabCases } from './gitlab-cases.ts';

/** One table for all forges, a file each; whoever adds a forge adds its cases here, or this does not compile. */
export const FORGE_CASES: Readonly<Record<ForgeType, ForgeCases>> = {
  github: githubCases,
  gitlab: gitlabCases,
  gitea: giteaCases,
  'bitbucket-cloud': bitbucketCloudCases,
  'bitbucket-data-center': bitbucketDataCenterCases,
  'azure-devops': azureDevOpsCases,
};
