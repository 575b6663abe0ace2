import type { Platform } from '../platform.ts';
import { html, route, type Route } from '../route.ts';
import { languageOf } from '../pages/language.ts';
import { brokenLinkPage, unsubscribedPage, unsubscribePage } from '../pages/unsubscribe.ts';

const tag = 'Links in messages';
/** One transparent pixel. */
const pixel = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const noStore = { 'cache-control': 'no-store' };
/** A mail program on the web shows the pixel on a page of its own. */
const anywhere = { ...noStore, 'cross-origin-resource-policy': 'cross-origin' };

/** The signed links in messages: for whoever reads them, without signing in. */
export function linkRoutes({ tracking }: Platform): Route[] {
  return [
    route({
      method: 'get',
      path: '/t/{signed}',
      summary: 'A message was opened, or a link in it was clicked',
      tag,
      isPublic: true,
      answers: { 200: undefined, 303: undefined, 404: undefined },
      handle: async ({ params, request }) => {
        const purpose =
          request.get('sec-purpose') ?? request.get('purpose') ?? request.get('x-moz');
        const followed = await tracking.follow(params['signed'] ?? '', {
          method: request.method,
          purpose,
        });
        if (!followed) return html(404, brokenLinkPage(languageOf(request)));
        return followed.type === 'picture'
          ? { status: 200, type: 'image/gif', body: pixel, headers: anywhere }
          : { status: 303, headers: { ...noStore, location: asHeader(followed.url) } };
      },
    }),
    route({
      method: 'get',
      path: '/u/{signed}',
      summary: 'A page to unsubscribe on; looking at it changes nothing',
      tag,
      isPublic: true,
      answers: { 200: undefined, 404: undefined },
      handle: async ({ params, request }) => {
        const language = languageOf(request);
        return (await tracking.isUnsubscribe(params['signed'] ?? ''))
          ? html(200, unsubscribePage(language))
          : html(404, brokenLinkPage(language));
      },
    }),
    route({
      method: 'post',
      path: '/u/{signed}',
      summary: 'Unsubscribe: from the page, or at once by the mail program (RFC 8058)',
      tag,
      isPublic: true,
      mode: 'raw',
      consumes: ['*/*'],
      answers: { 200: undefined, 404: undefined },
      handle: async ({ params, request }) => {
        const language = languageOf(request);
        return (await tracking.unsubscribe(params['signed'] ?? ''))
          ? html(200, unsubscribedPage(language))
          : html(404, brokenLinkPage(language));
      },
    }),
  ];
}

/** An address as it may stand in a header: unchanged when it already may. */
function asHeader(url: string): string {
  return /^[\x21-\x7e]+$/.test(url) ? url : new URL(url).href;
}
