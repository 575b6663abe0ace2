import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { type RequestHandler } from 'express';

/** Serves the built web app: hashed assets for a year, everything else fresh, and its page for every address of a screen. */
export function serveWeb(directory: string): RequestHandler[] {
  const page = join(directory, 'index.html');
  return [
    express.static(directory, {
      index: false,
      setHeaders: (response, path) => {
        const isHashed = path.includes('/assets/');
        response.set(
          'cache-control',
          isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
        );
      },
    }),
    (request, response, next) => {
      const isScreen =
        (request.method === 'GET' || request.method === 'HEAD') &&
        !/^\/(api|assets|t|u|problems|docs|metrics)(\/|$)/.test(request.path) &&
        request.accepts(['json', 'html']) === 'html' &&
        existsSync(page);
      if (!isScreen) {
        next();
        return;
      }
      response.set('cache-control', 'no-cache').sendFile(page, { dotfiles: 'allow' });
    },
  ];
}
