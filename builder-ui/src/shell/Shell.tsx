import { IconChevronRight, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { ApiError } from '../api/client.ts';
import { journeysQuery, useMe } from '../api/queries.ts';
import type { Me } from '../api/shapes.ts';
import { useWords } from '../i18n/use-words.ts';
import { liveRegionId } from '../ui/announce.ts';
import { Failure } from '../ui/StateView.tsx';
import { commandStore } from './commands.ts';
import { crumbsOf } from './crumbs.ts';
import { KeyList } from './KeyList.tsx';
import { Nav } from './Nav.tsx';
import { Palette } from './Palette.tsx';
import { SignIn } from './SignIn.tsx';
import { StatusBar } from './StatusBar.tsx';
import { TopBarContext } from './top-bar.ts';
import { useShellKeys } from './use-shell-keys.ts';

/** The frame around every screen; in its place the sign-in page while nobody is signed in. */
export function Shell() {
  const { data: me, error, refetch } = useMe();
  const retry = (): void => void refetch();
  if (me) return <Frame me={me} />;
  if (error instanceof ApiError && error.status === 401) return <SignIn onRetry={retry} />;
  if (error)
    return (
      <main className="gate">
        <Failure error={error} onRetry={retry} />
      </main>
    );
  return <div className="gate" aria-busy />;
}

const railKey = 'sojourn.rail';

/** Whether the navigation is a rail: as chosen, else on screens that are mostly canvas and on narrow ones. */
function useRail(path: string): [rail: boolean, toggle: () => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(railKey));
  const canvas = /^\/((journeys|runs)\/.|sandbox)/.test(path);
  const narrow = window.matchMedia('(max-width: 1100px)').matches;
  const rail = chosen === null ? canvas || narrow : chosen === 'rail';
  const toggle = useCallback(() => {
    const next = rail ? 'words' : 'rail';
    localStorage.setItem(railKey, next);
    setChosen(next);
  }, [rail]);
  return [rail, toggle];
}

function Frame({ me }: { me: Me }) {
  const { t } = useWords();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [rail, toggleRail] = useRail(path);
  const [middle, setMiddle] = useState<HTMLElement | null>(null);
  const [right, setRight] = useState<HTMLElement | null>(null);
  const places = useMemo(() => ({ middle, right }), [middle, right]);
  useShellKeys(toggleRail);
  return (
    <TopBarContext value={places}>
      <div className={`app ${rail ? 'rail' : ''}`}>
        <a className="skip" href="#main">
          {t('nav.skip')}
        </a>
        <Nav me={me} rail={rail} onRail={toggleRail} />
        <header className="topbar">
          <Crumbs path={path} />
          <div ref={setMiddle} className="top-middle" />
          <div className="top-actions">
            <div ref={setRight} className="row" />
            <button
              type="button"
              className="find"
              aria-label={t('palette.label')}
              onClick={() => commandStore.setState({ open: true })}
            >
              <IconSearch size={14} aria-hidden />
              <span>{t('palette.placeholder')}</span>
              <kbd>Ctrl K</kbd>
            </button>
          </div>
        </header>
        <main id="main" tabIndex={-1}>
          <Outlet />
        </main>
        <StatusBar me={me} />
        <div id={liveRegionId} className="unseen" aria-live="polite" />
        <Palette />
        <KeyList />
      </div>
    </TopBarContext>
  );
}

function Crumbs({ path }: { path: string }) {
  const { t, language } = useWords();
  const { data: journeys } = useQuery(journeysQuery);
  const crumbs = crumbsOf(path, journeys ?? [], t, language);
  const here = crumbs.at(-1)?.label;
  useEffect(() => {
    document.title = here === undefined ? 'Sojourn' : `${here} · Sojourn`;
  }, [here]);
  return (
    <nav className="crumbs" aria-label={t('nav.breadcrumb')}>
      <ol>
        {crumbs.map((crumb, index) => (
          <li key={crumb.label} aria-current={index === crumbs.length - 1 ? 'page' : undefined}>
            {index > 0 ? <IconChevronRight size={13} aria-hidden /> : null}
            {crumb.to === undefined ? (
              <span>{crumb.label}</span>
            ) : (
              <Link to={crumb.to}>{crumb.label}</Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
