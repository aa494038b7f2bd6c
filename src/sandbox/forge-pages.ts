import { Hono } from 'hono';
import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import {
  ForgeRefusal,
  pullOf,
  type ForgeContext,
  type ForgeEnv,
  type ForgeServices,
} from './forge-context.ts';
import {
  newestStatuses,
  type ForgePull,
  type ForgeRepository,
  type ForgeStatus,
} from './forge-state.ts';
import { DEFAULT_BRANCH, type LoggedCommit } from './git-bare-repository.ts';
import { timeText } from './forge-json.ts';

type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

const MAX_COMMITS = 50;

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid #ddd;padding:.4rem .6rem;text-align:left;vertical-align:top}
code,pre{font:13px ui-monospace,monospace}pre{background:#f6f6f6;padding:.8rem;overflow:auto;white-space:pre-wrap}
.success{color:#116329}.failure,.error{color:#a40e26}.pending{color:#7d4e00}small{color:#555}`;

/** Plain pages over the small forge: what a person looks at in Gitea. Every value is escaped. */
export function forgePages(services: ForgeServices): Hono<ForgeEnv> {
  const pages = new Hono<ForgeEnv>();

  pages.onError((thrown, c) => {
    if (!(thrown instanceof ForgeRefusal)) throw thrown;
    if (thrown.status === 401) c.header('WWW-Authenticate', 'Basic realm="Gitea"');
    return c.html(page(thrown.message, html`<p>${thrown.message}</p>`), thrown.status);
  });
  pages.use(async (c, next) => {
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'");
    c.header('X-Content-Type-Options', 'nosniff');
    await next();
  });

  pages.get('/', (c) => {
    const shown = services.state.repositories.filter((repository) => isVisible(c, repository));
    return c.html(
      page(
        'Repositories',
        html`<ul>
          ${shown.map((it) => html`<li><a href="/${it.owner}/${it.name}">${it.owner}/${it.name}</a></li>`)}
        </ul>`,
      ),
    );
  });
  pages.get('/:owner/:repo', async (c) => {
    const repository = visible(c, services);
    return c.html(page(nameOf(repository), await repositoryBody(services.url, repository)));
  });
  pages.get('/:owner/:repo/commit/:sha', async (c) => {
    const repository = visible(c, services);
    const oid = await repository.git.resolve(c.req.param('sha'));
    if (oid === undefined) throw new ForgeRefusal(404, 'There is no such commit.');
    const commits = await repository.git.log(oid, { max: 1 });
    return c.html(
      page(`${nameOf(repository)} ${oid.slice(0, 10)}`, commitTable(repository, commits)),
    );
  });
  pages.get('/:owner/:repo/pulls/:number', (c) => {
    const repository = visible(c, services);
    c.set('repository', repository);
    const pull = pullOf(c);
    return c.html(page(`${nameOf(repository)} #${pull.number}`, pullBody(repository, pull)));
  });
  return pages;
}

function isVisible(c: ForgeContext, repository: ForgeRepository): boolean {
  return !repository.private || c.get('identity').kind === 'user';
}

function visible(c: ForgeContext, { state }: ForgeServices): ForgeRepository {
  const { owner = '', repo = '' } = c.req.param() as Record<string, string | undefined>;
  const repository = state.repository(owner, repo);
  if (repository && isVisible(c, repository)) return repository;
  if (c.get('identity').kind === 'user')
    throw new ForgeRefusal(404, 'There is no such repository.');
  throw new ForgeRefusal(401, 'Sign in with a user name and a token as the password.');
}

const nameOf = ({ owner, name }: ForgeRepository): string => `${owner}/${name}`;

function page(title: string, body: Markup): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <p><a href="/">Repositories</a></p>
        <h1>${title}</h1>
        ${body}
      </body>
    </html>`;
}

async function repositoryBody(url: string, repository: ForgeRepository): Promise<Markup> {
  const head = await repository.git.branch(DEFAULT_BRANCH);
  const commits = head === undefined ? [] : await repository.git.log(head, { max: MAX_COMMITS });
  const pulls = repository.pulls.toReversed();
  return html`<p><code>git clone ${url}/${repository.owner}/${repository.name}.git</code></p>
    <h2>Commits on ${DEFAULT_BRANCH}</h2>
    ${commits.length === 0 ? html`<p>The repository is empty.</p>` : commitTable(repository, commits)}
    <h2>Pull requests</h2>
    ${pulls.length === 0 ? html`<p>There are none.</p>` : ''}
    <ul>
      ${pulls.map(
        (pull) =>
          html`<li>
            <a href="/${repository.owner}/${repository.name}/pulls/${pull.number}"
              >#${pull.number} ${pull.title}</a
            >
            ${wordOf(pull)}
          </li>`,
      )}
    </ul>`;
}

const wordOf = (pull: ForgePull): string => (pull.merged ? 'merged' : pull.state);

function commitTable(repository: ForgeRepository, commits: readonly LoggedCommit[]): Markup {
  const at = `/${repository.owner}/${repository.name}/commit`;
  return html`<table>
    <tr>
      <th>Commit</th>
      <th>Subject</th>
      <th>Statuses</th>
    </tr>
    ${commits.map(
      (commit) =>
        html`<tr>
          <td>
            <a href="${at}/${commit.oid}"><code>${commit.oid.slice(0, 10)}</code></a>
          </td>
          <td>${commit.subject}<br /><small>${commit.author}, ${commit.committedAt}</small></td>
          <td>${newestStatuses(repository, commit.oid).map(statusLine)}</td>
        </tr>`,
    )}
  </table>`;
}

/** The context leads to the status's target, if that is a web page: what an API client wrote could be a script. */
function statusLine({ state, context, description, targetUrl }: ForgeStatus): Markup {
  const name = /^https?:\/\//.test(targetUrl)
    ? html`<a href="${targetUrl}">${context}</a>`
    : context;
  return html`<div><span class="${state}">${state}</span> ${name} <small>${description}</small></div>`;
}

function pullBody(repository: ForgeRepository, pull: ForgePull): Markup {
  return html`<p>
      ${pull.title}: ${wordOf(pull)}, from <code>${pull.head}</code> into <code>${pull.base}</code>, by
      ${pull.author.login}
    </p>
    <pre>${pull.body}</pre>
    ${newestStatuses(repository, pull.headSha).map(statusLine)}
    ${pull.comments.map(
      (comment) =>
        html`<h3>${comment.author.login} <small>${timeText(comment.updatedAt)}</small></h3>
          <pre>${comment.body}</pre>`,
    )}`;
}
