import { json, type ApiAnswer, type Call } from './api-request.ts';
import { methodNotAllowed } from './api-error.ts';
import { fieldsOf, type Fields } from './api-object.ts';

/** Reviews of who one is and what one may do: here there is one user, who may do everything. */
export function answerReview({ request, body, target, actor }: Call): ApiAnswer {
  if (request.method !== 'POST') throw methodNotAllowed();
  const review = fieldsOf(body);
  const { kind } = target.definition;
  return json(201, { metadata: {}, ...review, kind, status: STATUS[kind]?.(actor.userName) ?? {} });
}

const STATUS: Readonly<Record<string, (userName: string) => Fields>> = {
  TokenReview: (username) => ({ authenticated: true, user: { username, groups: GROUPS } }),
  SelfSubjectReview: (username) => ({ userInfo: { username, groups: GROUPS } }),
  SelfSubjectAccessReview: () => ({ allowed: true }),
  SubjectAccessReview: () => ({ allowed: true }),
  SelfSubjectRulesReview: () => ({
    incomplete: false,
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
  }),
};

const GROUPS = ['system:masters', 'system:authenticated'];
