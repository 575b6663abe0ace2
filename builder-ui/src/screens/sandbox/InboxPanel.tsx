import {
  IconArrowLeft,
  IconCornerUpRight,
  IconExternalLink,
  IconMail,
  IconPaperclip,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { arrivalsQuery } from '../../api/queries.ts';
import { useWords } from '../../i18n/use-words.ts';
import { IconButton } from '../../ui/Button.tsx';
import { Tabs } from '../../ui/Segments.tsx';
import { Empty, Loaded } from '../../ui/StateView.tsx';
import { mailboxOf, nameIn, type MailItem } from './items.ts';
import { Moves } from './Moves.tsx';
import { PanelFrame } from './PanelFrame.tsx';
import { isOf, type Person } from './people.ts';

export interface InboxPanelProps {
  place: string;
  plugin: string;
  person: Person | undefined;
  chosen: string | undefined;
  onChoose: (id: string | undefined) => void;
}

/** The mails of the chosen person; everybody's when nobody is chosen. */
export function InboxPanel({ place, plugin, person, chosen, onChoose }: InboxPanelProps) {
  const { t } = useWords();
  const query = useQuery(arrivalsQuery(place));
  const list = ((query.data ?? []) as MailItem[]).filter(
    (mail) => person === undefined || isOf(person, mailboxOf(mail)),
  );
  const shown = list.find(({ id }) => id === chosen);
  return (
    <PanelFrame
      name="inbox"
      title={t('sandbox.panels.inbox')}
      subtitle={person?.label ?? t('sandbox.everybody')}
      Shape={IconMail}
      plugin={plugin}
    >
      <Loaded query={query}>
        {() =>
          list.length === 0 ? (
            <Empty>
              {person === undefined
                ? t('sandbox.mails.empty')
                : t('sandbox.mails.noneFor', { to: person.label })}
            </Empty>
          ) : (
            <div className="inbox" data-open={shown !== undefined}>
              <ul>
                {list.map((mail) => (
                  <MailLine
                    key={mail.id}
                    mail={mail}
                    current={mail === shown}
                    isNamed={person === undefined}
                    onChoose={onChoose}
                  />
                ))}
              </ul>
              <div className="inbox-mail">
                {shown ? (
                  <MailView
                    key={shown.id}
                    place={place}
                    mail={shown}
                    onBack={() => onChoose(undefined)}
                  />
                ) : (
                  <Empty>{t('sandbox.mails.choose')}</Empty>
                )}
              </div>
            </div>
          )
        }
      </Loaded>
    </PanelFrame>
  );
}

interface MailLineProps {
  mail: MailItem;
  current: boolean;
  /** Whether it has to be said to whom it went. */
  isNamed: boolean;
  onChoose: (id: string) => void;
}

function MailLine({ mail, current, isNamed, onChoose }: MailLineProps) {
  const { t, moment } = useWords();
  const isWritten = mail.state === 'written';
  return (
    <li>
      <button
        type="button"
        className="list-item"
        aria-current={current}
        onClick={() => onChoose(mail.id)}
      >
        <span className="grow">
          <span className="row">
            <b className="cut grow">{nameIn(mail.from)}</b>
            {isWritten ? (
              <IconCornerUpRight size={13} aria-label={t('sandbox.mails.state.written')} />
            ) : null}
          </span>
          <span className="cut line">{mail.subject}</span>
          <span className="xs mut cut line num">
            {moment(mail.receivedAt)}
            {isNamed ? ` · ${mailboxOf(mail)}` : ''}
          </span>
        </span>
      </button>
    </li>
  );
}

const views = ['html', 'text', 'headers'] as const;

interface MailViewProps {
  place: string;
  mail: MailItem;
  onBack: () => void;
}

function MailView({ place, mail, onBack }: MailViewProps) {
  const { t, moment } = useWords();
  const [view, setView] = useState<(typeof views)[number]>(mail.html ? 'html' : 'text');
  const { state = '' } = mail;
  return (
    <article className="mail-body">
      <header>
        <div className="row">
          <IconButton className="phone-only" label={t('actions.back')} onClick={onBack}>
            <IconArrowLeft size={16} aria-hidden />
          </IconButton>
          <h3 className="grow subject">{mail.subject}</h3>
          {state === 'delivered' ? null : (
            <span className={`tag ${state.endsWith('bounced') ? 'bad' : 'accent'}`}>
              {t(`sandbox.mails.state.${state}`, { defaultValue: state })}
            </span>
          )}
          <Moves key={state} place={place} item={mail} harmInMenu />
        </div>
        <div className="sm sec num">
          {t('sandbox.fromTo', { from: mail.from, to: mail.to })} · {moment(mail.receivedAt)}
        </div>
        {mail.attachments === undefined ? null : (
          <div className="row wrap sm sec">
            <IconPaperclip size={14} aria-hidden />
            {mail.attachments.join(', ')}
          </div>
        )}
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
function MailLinks({ mail }: { mail: MailItem }) {
  const { t } = useWords();
  const words = useMemo(() => wordsOfLinks(mail.html ?? ''), [mail.html]);
  if (mail.links.length === 0) return null;
  return (
    <div className="row wrap" role="group" aria-label={t('sandbox.links')}>
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
