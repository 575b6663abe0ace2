import { TextInput } from '@mantine/core';
import {
  IconArrowBackUp,
  IconArrowLeft,
  IconExternalLink,
  IconSearch,
  IconShieldCheck,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import { mailQuery } from '../../api/queries.ts';
import type { Mail } from '../../api/shapes.ts';
import { useWords } from '../../i18n/use-words.ts';
import { TopBarActions } from '../../shell/TopBar.tsx';
import { announce } from '../../ui/announce.ts';
import { Button } from '../../ui/Button.tsx';
import { Tabs } from '../../ui/Segments.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';

const route = getRouteApi('/sandbox');

/** The inbox of the sandbox: every mail that would have left. */
export function Sandbox() {
  const { t } = useWords();
  const { to = '', mail: chosenId } = route.useSearch();
  const navigate = route.useNavigate();
  const [typed, setTyped] = useState(to);
  const mails = useQuery(mailQuery(to));
  const search = (address: string): void =>
    void navigate({ search: address === '' ? {} : { to: address }, replace: true });
  return (
    <>
      <TopBarActions>
        <span className="tag ok wide-part">
          <IconShieldCheck size={13} aria-hidden />
          {t('sandbox.safe')}
        </span>
      </TopBarActions>
      <div className="split-view" data-open={chosenId !== undefined}>
        <section className="list" aria-label={t('sandbox.inbox')}>
          <header>
            <h1>{t('sandbox.inbox')}</h1>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                search(typed.trim());
              }}
            >
              <TextInput
                aria-label={t('sandbox.find')}
                placeholder={t('sandbox.find')}
                leftSection={<IconSearch size={14} aria-hidden />}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
                onBlur={() => {
                  if (typed.trim() !== to) search(typed.trim());
                }}
              />
            </form>
          </header>
          <Loaded query={mails}>
            {(list) =>
              list.length === 0 ? (
                <Empty>{t(to === '' ? 'sandbox.empty' : 'sandbox.noneFor', { to })}</Empty>
              ) : (
                <ul>
                  {list.map((mail) => (
                    <MailLine key={mail.id} mail={mail} to={to} current={mail.id === chosenId} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
        <div className="detail">
          <Chosen mail={mails.data?.find((mail) => mail.id === chosenId)} to={to} />
        </div>
      </div>
    </>
  );
}

function MailLine({ mail, to, current }: { mail: Mail; to: string; current: boolean }) {
  const { moment } = useWords();
  return (
    <li>
      <Link
        to="/sandbox"
        search={{ ...(to === '' ? {} : { to }), mail: mail.id }}
        className="list-item"
        aria-current={current}
      >
        <div className="grow">
          <div className="row">
            <b className="cut grow">{mail.from.replace(/\s*<.*>/, '')}</b>
            <span className="xs mut num nw">{moment(mail.receivedAt)}</span>
          </div>
          <div className="cut">{mail.subject}</div>
          <div className="xs mut cut">{mail.to}</div>
        </div>
      </Link>
    </li>
  );
}

function Chosen({ mail, to }: { mail: Mail | undefined; to: string }) {
  const { t } = useWords();
  return mail ? (
    <MailView key={mail.id} mail={mail} to={to} />
  ) : (
    <Empty>{t('sandbox.choose')}</Empty>
  );
}

const views = ['html', 'text', 'headers'] as const;

function MailView({ mail, to }: { mail: Mail; to: string }) {
  const { t, moment } = useWords();
  const client = useQueryClient();
  const [view, setView] = useState<(typeof views)[number]>(mail.html ? 'html' : 'text');
  const bounce = useMutation({
    mutationFn: () =>
      call(`/sandbox/mail/${encodeURIComponent(mail.id)}/actions`, {
        method: 'POST',
        body: { type: 'bounce' },
      }),
    onSuccess: () => {
      announce(t('sandbox.bounced', { to: mail.to }));
      return client.invalidateQueries({ queryKey: ['mail'] });
    },
    onError: (error) => announce(error.message, 'bad'),
  });
  return (
    <article className="mail-body">
      <header>
        <div className="row wrap">
          <Link
            to="/sandbox"
            search={to === '' ? {} : { to }}
            className="btn quiet square phone-only"
            aria-label={t('actions.back')}
          >
            <IconArrowLeft size={16} aria-hidden />
          </Link>
          <h2 className="grow subject">{mail.subject}</h2>
          <Button
            icon={<IconArrowBackUp size={15} />}
            disabled={bounce.isPending}
            onClick={() => bounce.mutate()}
          >
            {t('sandbox.bounce')}
          </Button>
        </div>
        <div className="sm sec num">
          {t('sandbox.fromTo', { from: mail.from, to: mail.to })} · {moment(mail.receivedAt)}
        </div>
        <MailLinks mail={mail} />
      </header>
      <Tabs
        label={t('sandbox.views')}
        value={view}
        tabs={views
          .filter((one) => one !== 'html' || mail.html)
          .map((one) => ({ value: one, label: t(`sandbox.view.${one}`) }))}
        onChange={setView}
      />
      {view === 'html' ? (
        <iframe
          title={mail.subject}
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={`<base target="_blank">${mail.html ?? ''}`}
        />
      ) : view === 'text' ? (
        <p className="pre" style={{ padding: '16px 20px' }}>
          {mail.text}
        </p>
      ) : (
        <dl className="kv mono" style={{ padding: '16px 20px' }}>
          {Object.entries(mail.headers).map(([name, value]) => (
            <div key={name} style={{ display: 'contents' }}>
              <dt>{name}</dt>
              <dd>{Array.isArray(value) ? value.join(', ') : value}</dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}

/** The links of a mail: what a person would click. */
function MailLinks({ mail }: { mail: Mail }) {
  const { t } = useWords();
  const words = useMemo(() => wordsOfLinks(mail.html ?? ''), [mail.html]);
  if (mail.links.length === 0) return null;
  return (
    <div className="row wrap" style={{ marginTop: 8 }} role="group" aria-label={t('sandbox.links')}>
      {mail.links.map((link, index) => (
        <a
          key={`${link}${index}`}
          className="btn"
          href={link}
          target="_blank"
          rel="noreferrer"
          title={link}
        >
          <IconExternalLink size={14} aria-hidden />
          {/\/u\//.test(link) ? t('sandbox.unsubscribe') : (words.get(link) ?? linkName(link))}
        </a>
      ))}
    </div>
  );
}

/** What the mail itself calls its links. */
function wordsOfLinks(html: string): Map<string, string> {
  const anchors = new DOMParser().parseFromString(html, 'text/html').querySelectorAll('a[href]');
  return new Map(
    [...anchors].flatMap((anchor): [string, string][] => {
      const text = anchor.textContent.trim();
      return text === '' ? [] : [[anchor.getAttribute('href') ?? '', text]];
    }),
  );
}

/** A link without words: what its address says. */
function linkName(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    const path = pathname.length > 18 ? `${pathname.slice(0, 16)}…` : pathname;
    return host + path;
  } catch {
    return url;
  }
}
